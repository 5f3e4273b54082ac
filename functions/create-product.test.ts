import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ANEW_IF_BUSY } from '../local/rig/busy.ts'
import { openConnection } from '../local/rig/connection.ts'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql, records } = stage()
const api = worker('create-product', env)

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const create = async (body: object = bun, headers = {}) => {
  const response = await api.post('/products', body, headers)
  expect(response.status).toBe(201)
  return { response, product: (await response.json()) as { id: number; created_at: string } }
}
const recordOf = (id: number) =>
  expect.poll(() => records().find(({ key }) => key === String(id)), { message: `the record of product ${id}` })

test('a product is answered with its address, and is in Postgres', async () => {
  const { response, product } = await create()
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('location')).toBe(`/products/${product.id}`)
  expect(product).toEqual({
    id: expect.any(Number),
    ...bun,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
  })
  expect(Object.keys(product)).toEqual(['id', 'name', 'price', 'quantity', 'created_at'])
  expect(
    await sql`select name, price, quantity, created_at = ${product.created_at} as same from products where id = ${product.id}`,
  ).toEqual([{ ...bun, same: true }])
})

test('its event is on Kafka, byte for byte as designed', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const { product } = await create({ name: ' "Å\\\u{1F950}\t ', price: 1.5, quantity: 0 }, { traceparent })
  await recordOf(product.id).toMatchObject({
    key: String(product.id),
    value: `{"type":"product.created","product_id":${product.id},"pname":"\\"Å\\\\\u{1F950}","price":"1.50","quantity":0,"created_at":"${product.created_at}"}`,
  })
  const { headers } = records().find(({ key }) => key === String(product.id)) ?? {}
  expect(headers).toEqual({
    ce_specversion: '1.0',
    ce_id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    ce_source: '/products',
    ce_type: 'product.created',
    ce_time: product.created_at,
    'content-type': 'application/json',
    traceparent,
  })
})

test('a traceparent that is none is left out of the event', async () => {
  const { product } = await create(bun, { traceparent: 'nonsense' })
  await recordOf(product.id).toBeDefined()
  expect(records().find(({ key }) => key === String(product.id))?.headers).not.toHaveProperty('traceparent')
})

test(
  'the outbox is looked at after the commit, however long that takes: nobody else comes by',
  ANEW_IF_BUSY,
  async () => {
    await using other = await openConnection(env.DATABASE_URL)
    await other.query('begin; lock table products in exclusive mode')
    const creation = create()
    creation.catch(() => {}) // it is awaited below, unless that fails first
    await expect // longer than an idle publisher waits for the next call
      .poll(
        () =>
          sql`select now() - query_start > interval '300 ms' as waits from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      .toEqual([{ waits: true }])
    await other.query('commit')
    await recordOf((await creation).product.id).toBeDefined()
  },
)

test(
  'fifty products at once make fifty rows and fifty events, each once, and the outbox is empty',
  ANEW_IF_BUSY,
  async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await create()).product.id))
    expect(new Set(ids).size).toBe(50)
    const keys = () =>
      records()
        .map(({ key }) => Number(key))
        .filter((id) => ids.includes(id))
    await expect.poll(() => keys().length).toBe(50)
    expect(new Set(keys())).toEqual(new Set(ids))
    await expect.poll(() => sql`select id from outbox`).toEqual([])
  },
)

test('a product whose event cannot be written is not written either', async () => {
  await sql`alter table outbox add constraint closed check (payload not like '%Semla%')`
  const response = await api.post('/products', { ...bun, name: 'Semla' })
  await sql`alter table outbox drop constraint closed`
  expect(response.status).toBe(500)
  expect(await response.text()).not.toMatch(/outbox|constraint|closed/)
  expect(await sql`select id from products where name = 'Semla'`).toEqual([])
})

describe('bad input gets a problem that names every issue at once, and writes nothing:', () => {
  const refused = async (status: number, body: unknown, headers: Record<string, string> = {}) => {
    const [before] = await sql`select count(*) from products where name = 'refused'`
    const response = await api.post('/products', body, headers)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await sql`select count(*) from products where name = 'refused'`).toEqual([before])
    const problem = (await response.json()) as { errors?: unknown }
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.any(String),
    })
    return problem.errors
  }

  test('422 for fields', async () => {
    expect(await refused(422, { name: '', price: '1.234', quantity: -1, 'a/b': 1 })).toEqual([
      { pointer: '/name', detail: 'must have 1 to 200 characters, not counting space around it' },
      { pointer: '/price', detail: 'must be from 0 to 9999999999.99 with at most 2 decimals, as a string or a number' },
      { pointer: '/quantity', detail: 'must be a whole number from 0 to 2147483647' },
      { pointer: '/a~1b', detail: 'is not a known field' },
    ])
  })

  test.each(['{}', '{"name":"refused"}'])('422 for %s', async (body) => {
    expect(await refused(422, body)).toContainEqual({ pointer: '/price', detail: 'is required' })
  })

  test.each(['[]', '"refused"', '1', 'null', 'true'])('422 for %s', async (body) => {
    expect(await refused(422, body)).toEqual([{ pointer: '', detail: 'must be an object' }])
  })

  test('422 for a price that a double would round', async () => {
    expect(await refused(422, '{"name":"refused","price":1.0000000000000001,"quantity":1}')).toMatchObject([
      { pointer: '/price' },
    ])
  })

  test.each(['1e-400', '-1e-400', '-0.1e-323'])('422 for %s, which a double has as 0', async (number) => {
    const body = `{"name":"refused","price":${number},"quantity":${number}}`
    expect(await refused(422, body)).toMatchObject([{ pointer: '/price' }, { pointer: '/quantity' }])
  })

  test('422 for __proto__ and constructor as fields', async () => {
    expect(await refused(422, '{"name":"refused","price":1,"quantity":1,"__proto__":{},"constructor":1}')).toEqual([
      { pointer: '/__proto__', detail: 'is not a known field' },
      { pointer: '/constructor', detail: 'is not a known field' },
    ])
  })

  test.each(['', '{', '{"name":"refused",}', "{'name':'refused'}", Uint8Array.of(0x22, 0xff, 0x22)])(
    '400 for what is not JSON: %j',
    async (body) => {
      await refused(400, body)
    },
  )

  test.each(['gzip', 'br', 'GZIP, identity', 'nonsense'])('415 for Content-Encoding: %s', async (coding) => {
    const body = gzipSync(JSON.stringify({ ...bun, name: 'refused' }))
    await refused(415, body, { 'content-type': 'application/json', 'content-encoding': coding })
  })

  test.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application/problem+json'])(
    '415 for %j',
    async (type) => {
      await refused(415, { ...bun, name: 'refused' }, { 'content-type': type })
    },
  )

  test('413 for more than 64 KiB', async () => {
    await refused(413, { ...bun, name: 'refused', more: 'x'.repeat(65_536) })
  })
})

test.each(['Application/JSON', 'application/json;charset=UTF-8', 'application/json ; charset="utf-8"'])(
  '%s is JSON',
  async (type) => {
    await create(bun, { 'content-type': type })
  },
)

test.each(['identity', 'Identity, identity', ''])('Content-Encoding: %s is none', async (coding) => {
  await create(bun, { 'content-encoding': coding })
})

test('a body of 64 KiB is read to its end', async () => {
  const body = JSON.stringify(bun)
  const response = await api.post('/products', body.padEnd(65_536))
  expect(response.status).toBe(201)
})

test.each([
  [65_536, 201],
  [65_537, 413],
])('a body of %i bytes that does not tell its length is answered with %i', async (bytes, status) => {
  const sent = request(`${api.url()}/products`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  const answered = once(sent, 'response')
  sent.write('{') // so it goes in chunks
  sent.end(
    JSON.stringify(bun)
      .slice(1)
      .padEnd(bytes - 1),
  )
  const [response]: IncomingMessage[] = await answered
  expect(response?.resume().statusCode).toBe(status)
})

test('on its own it takes POST, and says so', async () => {
  const response = await api.fetch('/products')
  expect([response.status, response.headers.get('allow'), await response.json()]).toEqual([
    405,
    'POST',
    { type: 'about:blank', title: 'Method Not Allowed', status: 405, detail: 'This path takes POST.' },
  ])
  expect((await api.fetch('/products/1')).status).toBe(404)
  const options = await api.fetch('/products', { method: 'OPTIONS' })
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST'])
})
