import { expect, test } from 'vitest'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql } = stage()
const api = worker('get-product', {
  DATABASE_URL: env.DATABASE_URL,
  NEON_PROXY_URL: env.NEON_PROXY_URL,
  API_TOKENS: 'none',
})

test('a product is answered as its creation was, whatever the time zone of the session', async () => {
  const [row] = await sql`
    insert into products (name, price, quantity, created_at) values ('Bulle', 5, 2147483647, '2026-11-23 10:30:00.1234+01:00') returning id`
  const response = await api.fetch(`/products/${row?.id}`)
  expect([response.status, await response.text()]).toEqual([
    200,
    `{"id":${row?.id},"name":"Bulle","price":"5.00","quantity":2147483647,"created_at":"2026-11-23T09:30:00.123400+00:00"}`,
  ])
})

test('HEAD is GET without a body', async () => {
  const [row] = await sql`insert into products (name, price, quantity) values ('Bulle', 5, 1) returning id`
  const response = await api.fetch(`/products/${row?.id}`, { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test.each([
  '999999999',
  '0',
  '-1',
  '01',
  '1.0',
  '1e3',
  'abc',
  '9223372036854775808',
  '%00',
  '%ff',
  '1;drop',
  '1%2F2',
  '💥',
])('there is no product %s', async (id) => {
  const response = await api.fetch(`/products/${id}`)
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 })
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
  '%s is not taken, and what is taken is said',
  async (method) => {
    const response = await api.fetch('/products/1', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  },
)
