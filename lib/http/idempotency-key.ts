// The header Idempotency-Key: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { Problem } from './problem.ts'

export const MAX_KEY = 255 // characters

// A String of RFC 8941, section 3.3.3, as the draft wants it.
const QUOTED = /^"(?:[ !#-[\]-~]|\\["\\])*"$/
// As most clients send it. No comma: it would be the header sent twice.
const BARE = /^[!#-+\--~]+$/

/** The key that a request brings, or undefined where it brings none; in quotes and without them it is the same. Throws Problem 422. */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = QUOTED.test(header) ? header.slice(1, -1).replaceAll(/\\(.)/g, '$1') : BARE.test(header) ? header : ''
  if (key && key.length <= MAX_KEY) return key
  throw invalidKey(
    'The Idempotency-Key is not valid.',
    `must be one key of 1 to ${MAX_KEY} printable ASCII characters, in quotes or without`,
  )
}

export const invalidKey = (message: string, detail: string) =>
  new Problem(422, message, { errors: [{ header: 'Idempotency-Key', detail }] })
