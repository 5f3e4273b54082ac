// The header Idempotency-Key: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import type { Once } from '../products/idempotent.ts'
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
  throw invalid('The Idempotency-Key is not valid.', `must be one key of 1 to ${MAX_KEY} printable ASCII characters, in quotes or without`)
}

/** What was created, now or before. Throws Problem 409 or 422 where the key forbids it. */
export function createdOrThrow<T>(once: Once<T>) {
  if (once === 'in flight')
    throw new Problem(409, 'A request with this Idempotency-Key is being worked on.', { headers: { 'Retry-After': '1' } })
  if (once === 'other body')
    throw invalid('The Idempotency-Key was used before, with another body.', 'was used with another body in the last 24 hours')
  return once
}

const invalid = (message: string, detail: string) => new Problem(422, message, { errors: [{ header: 'Idempotency-Key', detail }] })
