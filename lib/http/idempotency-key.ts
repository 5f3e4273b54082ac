// The header Idempotency-Key: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { problems } from './problems.ts'

export const MAX_KEY = 255 // characters

// A String of RFC 8941, section 3.3.3, as the draft wants it.
const QUOTED = /^"(?:[ !#-[\]-~]|\\["\\])*"$/
// As most clients send it. No comma: it would be the header sent twice.
const BARE = /^[!#-+\--~]+$/

/**
 * The key that a request brings, or undefined where it brings none; in quotes and without them it is the same. Throws
 * Problem 422.
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = QUOTED.test(header) ? header.slice(1, -1).replaceAll(/\\(.)/g, '$1') : BARE.test(header) ? header : ''
  if (key && key.length <= MAX_KEY) return key
  throw problems.invalidKey(MAX_KEY)
}
