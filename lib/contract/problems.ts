// What goes wrong, with the very bodies that are answered as examples.

import { MAX_KEY } from '../http/idempotency-key.ts'
import { type Fault, Problem } from '../http/problem.ts'
import { answersWith, type headers } from './headers.ts'
import type { Response } from './openapi.ts'
import { ref } from './schemas.ts'

type Status = Problem['status']
type Example = { summary?: string; detail: string; errors?: Fault[] }

const MORE_HEADERS: Partial<Record<Status, (keyof typeof headers)[]>> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  405: ['Allow'],
  409: ['Retry-After'],
  415: ['Accept-Encoding'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

/** An answer of this status, with examples by name. */
export function problem(status: Status, description: string, named: Record<string, Example>): Response {
  const examples = Object.entries(named).map(([name, { summary, detail, errors }]) => {
    const value = new Problem(status, detail, { ...(errors && { errors }) }).toJSON()
    return [name, { ...(summary && { summary }), value }] as const
  })
  return {
    description,
    headers: answersWith(...(MORE_HEADERS[status] ?? [])),
    content: { 'application/problem+json': { schema: ref('Problem'), examples: Object.fromEntries(examples) } },
  }
}

/** Whatever the operation, when it is not open to all. */
const authenticated = {
  401: problem(401, 'No token, or one that is not known.', {
    missing: { detail: 'A bearer token is needed.' },
    unknown: { detail: 'This token is not known.' },
  }),
  429: problem(429, 'Too many requests with this token.', {
    tooMany: { detail: 'This token has made too many requests.' },
  }),
}

/** Whatever the operation. */
export const internal = {
  500: problem(500, 'A mistake on this side.', {
    internal: { detail: 'Something went wrong on this side. It has been logged.' },
  }),
}

const database = {
  503: problem(503, 'The database cannot be reached. Whether something was done is not known.', {
    database: { detail: 'The database cannot be reached.' },
  }),
}

/** Of every operation that reads products. */
export const reading = { ...authenticated, ...internal, ...database }

/** Of every operation that writes products. */
export const writing = {
  ...reading,
  403: problem(403, 'The token may only read.', { readOnly: { detail: 'This token may only read.' } }),
}

export const noProduct = {
  404: problem(404, 'There is no such product.', {
    none: { detail: 'There is no product with this id.' },
    noId: {
      summary: 'What should be an id has other characters than digits',
      detail: 'There is nothing at this path.',
    },
  }),
}

export const otherVersion = {
  412: problem(412, 'The product has another version than If-Match allows.', {
    changed: { detail: 'The product has changed: its version is none of those in If-Match.' },
  }),
}

export function otherType(types: string, ...more: (keyof typeof headers)[]) {
  const { headers, ...response } = problem(415, 'The body has another media type, or a Content-Encoding.', {
    mediaType: { detail: `The body must be sent as ${types}.` },
    coding: { detail: 'The body must be sent as it is, without a Content-Encoding.' },
  })
  return { headers: { ...headers, ...answersWith(...more) }, ...response }
}

export const jsonBody = {
  400: problem(400, 'The body is not JSON, or not UTF-8.', {
    syntax: { detail: 'The body is not well-formed JSON.' },
    encoding: { detail: 'The body is not in UTF-8.' },
  }),
  413: problem(413, 'The body has more than 64 KiB.', {
    tooLarge: { detail: 'The body may have 65536 bytes at most.' },
  }),
  415: otherType('application/json'),
}

/** Of every operation that takes an Idempotency-Key. */
export const keyInFlight = {
  409: problem(409, 'A request with the same Idempotency-Key has not been answered yet.', {
    inFlight: { detail: 'A request with this Idempotency-Key is being worked on.' },
  }),
}

/** What 422 may say of the key, besides what it says of the body. */
export const keyFaults = {
  key: {
    detail: 'The Idempotency-Key is not valid.',
    errors: [
      {
        header: 'Idempotency-Key',
        detail: `must be one key of 1 to ${MAX_KEY} printable ASCII characters, in quotes or without`,
      },
    ],
  },
  otherBody: {
    detail: 'The Idempotency-Key was used before, with another body.',
    errors: [{ header: 'Idempotency-Key', detail: 'was used with another body in the last 24 hours' }],
  },
}

/** Of paths, not of operations. */
export const elsewhere = {
  NotFound: problem(404, 'There is nothing at the path.', { nothing: { detail: 'There is nothing at this path.' } }),
  MethodNotAllowed: problem(405, 'The path does not take the method.', {
    method: { detail: 'This path takes GET, HEAD, POST.' },
  }),
}
