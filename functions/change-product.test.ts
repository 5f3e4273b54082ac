import { expect, test } from 'vitest'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql } = stage()
const api = worker('change-product', env)

const insert = async () =>
  Number((await sql`insert into products (name, price, quantity) values ('Bulle', 5, 1) returning id`)[0]?.id)
const change = (id: number | string, body: unknown, headers: Record<string, string> = {}) =>
  api.send('PATCH', `/products/${id}`, body, headers)

test.each([
  [{ name: ' Semla ' }, { name: 'Semla', price: '5.00', quantity: 1 }],
  [{ price: 6.5 }, { name: 'Bulle', price: '6.50', quantity: 1 }],
  [{ quantity: 0 }, { name: 'Bulle', price: '5.00', quantity: 0 }],
  [
    { name: 'Semla', price: '0', quantity: 7 },
    { name: 'Semla', price: '0.00', quantity: 7 },
  ],
])('%j changes just that, and the ETag says so', async (body, expected) => {
  const id = await insert()
  const response = await change(id, body)
  expect([response.status, response.headers.get('etag')]).toEqual([200, '"2"'])
  expect(await response.json()).toEqual({ id, ...expected, created_at: expect.any(String) })
  expect(await sql`select name, price, quantity, version from products where id = ${id}`).toEqual([
    { ...expected, version: 2 },
  ])
})

test('a merge patch is taken, and a PATCH of another type is told so', async () => {
  const id = await insert()
  const merged = await change(id, { quantity: 2 }, { 'content-type': 'application/merge-patch+json; charset=utf-8' })
  expect([merged.status, await merged.json()]).toEqual([200, expect.objectContaining({ quantity: 2 })])
  const types = 'application/json, application/merge-patch+json'
  const refused = await change(id, [], { 'content-type': 'application/json-patch+json' })
  expect([refused.status, refused.headers.get('accept-patch')]).toEqual([415, types])
  const options = await api.send('OPTIONS', `/products/${id}`)
  expect([options.status, options.headers.get('accept-patch')]).toEqual([204, types])
})

test.each(['"1"', '"7", "1"', '*', 'W/"7","1"', 'W/"1"', '"7",W/"1"'])(
  'If-Match: %s lets a product of version 1 change',
  async (tags) => {
    expect((await change(await insert(), { quantity: 2 }, { 'if-match': tags })).status).toBe(200)
  },
)

test.each([
  '"2"',
  '"0"',
  'W/"2"',
  'w/"1"',
  'W/1',
  'W/"0"',
  '1',
  '""',
  '"x"',
  '"1',
  '"2147483648"',
  '"99999999999999999999"',
])('If-Match: %s does not, and nothing is written', async (tags) => {
  const id = await insert()
  const response = await change(id, { quantity: 2 }, { 'if-match': tags })
  expect(response.status).toBe(412)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await sql`select quantity, version from products where id = ${id}`).toEqual([{ quantity: 1, version: 1 }])
  expect(await sql`select id from outbox where key = ${String(id)} and type = 'product.updated'`).toEqual([])
})

test('of changes to one version at once, one is made', async () => {
  const id = await insert()
  const changes = Array.from({ length: 8 }, (_, quantity) => change(id, { quantity }, { 'if-match': '"1"' }))
  const statuses = (await Promise.all(changes)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 412)).toHaveLength(7)
})

test.each(['0', '999999999', 'abc', '9007199254740992'])('there is no product %s to change', async (id) => {
  expect((await change(id, { quantity: 1 })).status).toBe(404)
})

test.each([
  [{}, [{ pointer: '', detail: 'must have at least one of name, price and quantity' }]],
  [
    { price: 'x', id: 1 },
    [expect.objectContaining({ pointer: '/price' }), { pointer: '/id', detail: 'is not a known field' }],
  ],
  [{ name: null }, [{ pointer: '/name', detail: 'must be a string' }]],
])('%j is refused with every issue', async (body, errors) => {
  const response = await change(await insert(), body)
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ errors })
})
