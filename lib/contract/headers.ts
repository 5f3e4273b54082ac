import { MAX_KEY } from '../http/idempotency-key.ts'
import type { Header, Parameter } from './openapi.ts'

/** What answers may say besides their body. */
export const headers = {
  'Cache-Control': {
    description: 'Whether the answer may be kept. That to a write may not.',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'The version of what is answered, for If-Match and If-None-Match.',
    required: true,
    schema: { type: 'string', pattern: '^(W/)?"[^"]+"$', examples: ['"1"'] },
  },
  'Accept-Encoding': {
    description: 'There if the body had a Content-Encoding: none is taken (RFC 9110, section 12.5.3).',
    schema: { type: 'string', const: 'identity' },
  },
  'Accept-Patch': {
    description: 'There if the body had another media type: those that a change may have (RFC 5789).',
    schema: { type: 'string', examples: ['application/json, application/merge-patch+json'] },
  },
  'Idempotency-Replayed': {
    description: 'There if the answer was given before, to a request with the same Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
  Link: {
    description: 'Where the next page is, if there is one (RFC 8288).',
    schema: { type: 'string', examples: ['</products?limit=20&after=aWQ6MjA>; rel="next"'] },
  },
  Location: {
    description: 'Where the product is.',
    required: true,
    schema: { type: 'string', pattern: '^/products/[0-9]+$', examples: ['/products/1'] },
  },
  'Preference-Applied': {
    description: 'There if Kafka has acknowledged the event within the time that Prefer gave it (RFC 7240).',
    schema: { type: 'string', pattern: '^wait=[0-9]+$', examples: ['wait=5'] },
  },
  'Retry-After': {
    description: 'Seconds after which the same request may succeed.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$', examples: ['5'] },
  },
  'WWW-Authenticate': {
    description: 'The scheme that is expected, and what was wrong (RFC 6750).',
    required: true,
    schema: { type: 'string', pattern: '^Bearer', examples: ['Bearer error="invalid_token"'] },
  },
  Allow: {
    description: 'The methods that the path takes.',
    required: true,
    schema: { type: 'string', examples: ['GET, HEAD, POST'] },
  },
  'X-Request-Id': {
    description: 'The X-Request-Id of the request, or one that was made for it. The log has it too.',
    required: true,
    schema: { type: 'string' },
  },
} satisfies Record<string, Header>

export const isHeader = (name: string): name is keyof typeof headers => name in headers

/** References to headers by name. Any answer may have Cache-Control, and each has X-Request-Id. */
export const answersWith = (...names: (keyof typeof headers)[]) =>
  Object.fromEntries(
    [...names, 'Cache-Control', 'X-Request-Id'].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  )

export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes the request safe to repeat: for 24 hours the same key with the same body gets the first answer, and makes nothing.',
  schema: {
    type: 'string',
    minLength: 1,
    maxLength: MAX_KEY,
    pattern: '^[!#-+.-~-]+$',
    examples: ['5f0c2f0e-8a0e-4d3c-9a58-7a2f1f0f6a11'],
  },
}

export const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  description:
    'ETags of the versions that may be changed, or `*` for any: without it, whatever the version is. A weak one (`W/`) counts as the strong one.',
  schema: { type: 'string', examples: ['"1"'] },
}

export const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'ETags that the client has: if what is there has one of them, the answer is 304.',
  schema: { type: 'string', examples: ['"1"'] },
}

export const productId: Parameter = {
  name: 'id',
  in: 'path',
  description: 'What is no id is 404 as well.',
  required: true,
  schema: { type: 'integer', format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [1] },
}
