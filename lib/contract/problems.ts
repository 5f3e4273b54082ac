// What goes wrong, with the very bodies that are answered as examples.

import { JSON_TYPES, MAX_BYTES } from '../http/body.ts'
import { MAX_KEY } from '../http/idempotency-key.ts'
import type { Problem } from '../http/problem.ts'
import { problems } from '../http/problems.ts'
import { answersWith, isHeader } from './headers.ts'
import type { Response } from './openapi.ts'
import { ref } from './schemas.ts'

type Example = Problem | { summary: string; problem: Problem }

/** An answer with examples by name, and with the headers that these have. */
export function problem(description: string, named: Record<string, Example>): Response {
  const all = Object.entries(named).map(([name, example]) => {
    const { summary, problem } = 'problem' in example ? example : { summary: undefined, problem: example }
    return { name, summary, problem }
  })
  const examples = all.map(({ name, summary, problem }) => [
    name,
    { ...(summary && { summary }), value: problem.toJSON() },
  ])
  return {
    description,
    headers: answersWith(...all.flatMap(({ problem }) => Object.keys(problem.headers).filter(isHeader))),
    content: { 'application/problem+json': { schema: ref('Problem'), examples: Object.fromEntries(examples) } },
  }
}

/** Whatever the operation, when it is not open to all. */
export const authenticated = {
  401: problem('No token, or one that is not known.', {
    missing: problems.noToken(),
    unknown: problems.unknownToken(),
  }),
  429: problem('Too many requests with this token, or without a good one from this address.', {
    tooMany: problems.tooManyOfToken(),
    strangers: problems.tooManyOfAddress(),
  }),
}

/** Whatever the operation. */
export const internal = { 500: problem('A mistake on this side.', { internal: problems.internal() }) }

const database = {
  503: problem('The database cannot be reached. Whether something was done is not known.', {
    database: problems.noDatabase(),
  }),
}

/** Of every operation that reads products. */
export const reading = { ...authenticated, ...internal, ...database }

/** Of every operation that writes products. */
export const writing = { ...reading, 403: problem('The token may only read.', { readOnly: problems.readOnlyToken() }) }

export const noProduct = {
  404: problem('There is no such product.', {
    none: problems.noProduct(),
    noId: { summary: 'What should be an id has other characters than digits', problem: problems.nothingHere() },
  }),
}

export const otherVersion = {
  412: problem('The product has another version than If-Match allows.', { changed: problems.otherVersion() }),
}

/** Of every operation that takes a body. */
export const body = (types: string[], bytes: number, size: string, method?: string) => ({
  400: problem('The body is not JSON, or not UTF-8.', { syntax: problems.notJson(), encoding: problems.notUtf8() }),
  413: problem(`The body has more than ${size}.`, { tooLarge: problems.tooLarge(bytes) }),
  415: problem('The body has another media type, or a Content-Encoding.', {
    mediaType: problems.otherType(types, method),
    coding: problems.otherCoding(),
  }),
})

export const jsonBody = (types = JSON_TYPES, method?: string) => body(types, MAX_BYTES, '64 KiB', method)

/** Of every operation that takes an Idempotency-Key. */
export const keyInFlight = {
  409: problem('A request with the same Idempotency-Key has not been answered yet.', {
    inFlight: problems.keyInFlight(),
  }),
}

/** What 422 may say of the key, besides what it says of the body. */
export const keyIssues = { key: problems.invalidKey(MAX_KEY), otherBody: problems.usedKey() }

/** Of paths, not of operations. */
export const elsewhere = {
  NotFound: problem('There is nothing at the path.', { nothing: problems.nothingHere() }),
  MethodNotAllowed: problem('The path does not take the method.', {
    method: problems.otherMethod({ Allow: 'GET, HEAD, POST' }),
  }),
}
