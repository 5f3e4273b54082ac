// Whatever is sent, over real HTTP: no 5xx, a problem wherever it is refused, and never a word of what is behind.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { encodeCursor } from '../../lib/http/cursor.ts'
import { stage } from '../../local/rig/stage.ts'
import { rateLimitedTo, worker } from '../../local/rig/worker.ts'

const { env, sql } = stage()
const api = worker('', env)

const origin = 'https://shop.example'
const API_TOKENS = createHash('sha256').update('writer').digest('hex')
const closed = worker('', { ...env, API_TOKENS, ALLOWED_ORIGINS: origin }, await rateLimitedTo(1_000_000))

const RUNS = { numRuns: 60, interruptAfterTimeLimit: 20_000 } // ms: one run at least has to be over by then

/**
 * Of drivers, databases and stack traces. What was sent may come back in none of them either, but as the name of a
 * field.
 */
const BEHIND =
  /postgres|\bpg\b|neon|sql|relation|constraint|kafka|broker|zod|invalid input|\bat \S+:\d+|\.ts\b|node_modules|127\.0\.0\.1/i
const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ detail: z.string() })).optional(),
})

async function isGood(response: Response) {
  const text = await response.text()
  expect(response.status, text).toBeLessThan(500)
  if (response.status < 400) return
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { status, title, detail, errors = [] } = Problem.parse(JSON.parse(text))
  expect(status).toBe(response.status)
  expect([title, detail, ...errors.map((issue) => issue.detail)].join('\n')).not.toMatch(BEHIND)
}

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\0', '\uD800', "'; drop table products; --"),
)
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e308, 2 ** 31, 2 ** 53))
const anything = fc.oneof(name, number, fc.jsonValue())
const product = fc.record({ name, price: fc.oneof(number, name), quantity: number }, { requiredKeys: [] })
const body = fc.oneof(
  product,
  fc.dictionary(fc.string({ unit: 'binary' }), anything),
  fc.array(product, { maxLength: 3 }),
  fc.jsonValue(),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'grapheme' }),
  body.map((value) => JSON.stringify(value).slice(0, -1)),
)
const mediaType = fc.constantFrom(
  'application/json',
  'application/json; charset=utf-16',
  'application/x-ndjson',
  'text/csv',
  'text/plain',
  '',
)
const target = fc.constantFrom(['POST', '/products'], ['PATCH', '/products/1'], ['POST', '/products/import'])

test('bodies of JSON', async () => {
  const property = fc.asyncProperty(target, body, async ([method = '', path = ''], value) =>
    isGood(await api.send(method, path, JSON.stringify(value))),
  )
  await fc.assert(property, RUNS)
})

test('bodies of any bytes and any type', async () => {
  const property = fc.asyncProperty(target, bytes, mediaType, async ([method = '', path = ''], value, type) =>
    isGood(await api.send(method, path, value, { 'content-type': type })),
  )
  await fc.assert(property, RUNS)
})

const segment = fc.oneof(
  fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.constantFrom('%00', '%ff', '%', '1%2F2', '1e3', '1;drop', '..%2f', '0x1', '9223372036854775808'),
)

test('ids', async () => {
  const method = fc.constantFrom('GET', 'HEAD', 'PATCH', 'DELETE', 'POST')
  const property = fc.asyncProperty(method, segment, async (method, id) => {
    const response = await api.send(method, `/products/${id}`, method === 'PATCH' ? { quantity: 1 } : undefined)
    if (method === 'HEAD') expect(response.status).toBeLessThan(500)
    else await isGood(response)
  })
  await fc.assert(property, RUNS)
})

const cursor = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(encodeCursor),
  fc.string().map((text) => encodeURIComponent(btoa(encodeURIComponent(text)))),
  segment,
)

test('cursors, limits and queries', async () => {
  const query = fc.oneof(
    fc
      .tuple(cursor, fc.oneof(fc.integer({ min: -1, max: 101 }).map(String), segment))
      .map(([after, limit]) => `after=${after}&limit=${limit}`),
    fc.webQueryParameters(),
    fc.array(segment).map((parts) => parts.join('&')),
  )
  const property = fc.asyncProperty(query, async (text) => isGood(await api.fetch(`/products?${text}`)))
  await fc.assert(property, RUNS)
})

const headerValue = fc.oneof(
  fc.stringMatching(/^[\x21-\x7E\x80-\xFF]([\t\x20-\x7E\x80-\xFF]{0,40}[\x21-\x7E\x80-\xFF])?$/),
  fc.constantFrom('"', '""', '*', ',', '=', ';', 'x'.repeat(300)),
)
const tags = ['"1"', 'W/"1"', '"7"', '"0"', '"1", "99999999999999999999"', '"1']

/** With values that come near to what the API reads in each. */
test.each([
  ['authorization', ['Bearer writer', 'Bearer stranger', 'Bearer', 'bearer  writer', 'Basic d3JpdGVyOg==']],
  ['idempotency-key', ['key', '"key"', '"two words"', '"\\"', 'one, two']],
  [
    'prefer',
    [
      'wait=1',
      'wait="1"',
      'wait=0',
      'wait',
      'wait=-1',
      'wait=1e9',
      'wait=1;',
      '"wait=1',
      'respond-async, wait=1',
      ',,wait =1',
    ],
  ],
  ['if-match', tags],
  ['if-none-match', tags],
  ['origin', [origin, 'https://other.example', 'null']],
  ['access-control-request-method', ['POST', 'PUT', 'post']],
  ['access-control-request-headers', ['authorization, prefer', ',']],
  ['traceparent', ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0']],
  ['x-request-id', ['id']],
  ['accept', ['text/html', '*/*;q=0']],
  ['cookie', ['a=b']],
])('header %s', async (name, values) => {
  const property = fc.asyncProperty(fc.oneof(fc.constantFrom(...values), headerValue), async (value) => {
    const rows =
      await sql`insert into products (name, price, quantity) select 'Bulle', 1, 1 from generate_series(1, 3) returning id`
    const [read, changed, deleted] = rows.map(({ id }) => `/products/${id}`)
    const headers = { authorization: 'Bearer writer', [name]: value }
    const answers = await Promise.all([
      closed.send('POST', '/products', { name: 'Kanelbulle', price: 1, quantity: 1 }, headers),
      closed.send('GET', `${read}`, undefined, headers),
      closed.send('PATCH', `${changed}`, { quantity: 2 }, headers),
      closed.send('DELETE', `${deleted}`, undefined, headers),
      closed.send('OPTIONS', '/products', undefined, headers),
    ])
    await Promise.all(answers.map(isGood))
  })
  await fc.assert(property, { ...RUNS, numRuns: 12 })
})
