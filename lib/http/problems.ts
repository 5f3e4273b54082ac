// Every problem that a client can be told, each once: handlers throw it, and the contract shows it as an example.

import { type Issue, Problem } from './problem.ts'

const MAX_ISSUES = 100 // that an answer lists
/** s, as in the rate limits of wrangler.toml: Cloudflare tells a Worker nothing of them. */
export const RATE_PERIOD = 10
const DATABASE_BACK = 5 // s after which a client may ask again
const KEY_FREE = 1 // s

const retryAfter = (seconds: number) => ({ headers: { 'Retry-After': String(seconds) } })
const challenge = (error?: string) => ({
  headers: { 'WWW-Authenticate': error ? `Bearer error="${error}"` : 'Bearer' },
})

export const problems = {
  notUnderstood: () => new Problem(400, 'The request cannot be understood.'),
  brokenBody: () => new Problem(400, 'The body broke off, or its framing is wrong.'),
  notJson: () => new Problem(400, 'The body is not well-formed JSON.'),
  notUtf8: () => new Problem(400, 'The body is not in UTF-8.'),
  noToken: () => new Problem(401, 'A bearer token is needed.', challenge()),
  unknownToken: () => new Problem(401, 'This token is not known.', challenge('invalid_token')),
  readOnlyToken: () => new Problem(403, 'This token may only read.', challenge('insufficient_scope')),
  notOurName: () => new Problem(403, 'This API on a laptop is asked for as 127.0.0.1 or localhost.'),
  nothingHere: () => new Problem(404, 'There is nothing at this path.'),
  noProduct: () => new Problem(404, 'There is no product with this id.'),
  otherMethod: (headers: { Allow: string; 'Accept-Patch'?: string }) =>
    new Problem(405, `This path takes ${headers.Allow}.`, { headers }),
  keyInFlight: () => new Problem(409, 'A request with this Idempotency-Key is being worked on.', retryAfter(KEY_FREE)),
  otherVersion: () => new Problem(412, 'The product has changed: its version is none of those in If-Match.'),
  tooLarge: (bytes: number) => new Problem(413, `The body may have ${bytes} bytes at most.`),
  /** A PATCH is told the types in a header as well (RFC 5789, section 2.2). */
  otherType: (types: readonly string[], method = 'POST') =>
    new Problem(415, `The body must be sent as ${types.join(' or ')}.`, {
      ...(method === 'PATCH' && { headers: { 'Accept-Patch': types.join(', ') } }),
    }),
  otherCoding: () =>
    new Problem(415, 'The body must be sent as it is, without a Content-Encoding.', {
      headers: { 'Accept-Encoding': 'identity' },
    }),
  /** With as many of its issues as an answer lists. */
  invalidBody: (errors: Issue[]) =>
    new Problem(
      422,
      errors.length > MAX_ISSUES
        ? `The body has ${errors.length} issues, of which the first ${MAX_ISSUES} are listed.`
        : 'The body is not valid.',
      { errors: errors.slice(0, MAX_ISSUES) },
    ),
  invalidQuery: (errors: Issue[]) => new Problem(422, 'The query is not valid.', { errors }),
  invalidKey: (longest: number) =>
    new Problem(422, 'The Idempotency-Key is not valid.', {
      errors: keyIssue(`must be one key of 1 to ${longest} printable ASCII characters, in quotes or without`),
    }),
  usedKey: () =>
    new Problem(422, 'The Idempotency-Key was used before, with another body.', {
      errors: keyIssue('was used with another body in the last 24 hours'),
    }),
  tooManyOfToken: () => new Problem(429, 'This token has made too many requests.', retryAfter(RATE_PERIOD)),
  tooManyOfAddress: () =>
    new Problem(429, 'Too many requests without a good token have come from this address.', retryAfter(RATE_PERIOD)),
  internal: () => new Problem(500, 'Something went wrong on this side. It has been logged.'),
  noDatabase: () => new Problem(503, 'The database cannot be reached.', retryAfter(DATABASE_BACK)),
  noHandler: (name: string) => new Problem(503, `The function ${name} cannot be reached.`, retryAfter(DATABASE_BACK)),
}

function keyIssue(detail: string): Issue[] {
  return [{ header: 'Idempotency-Key', detail }]
}
