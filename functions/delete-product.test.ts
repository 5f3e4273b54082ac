import { expect, test } from 'vitest'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql } = stage()
const api = worker('delete-product', env)

const insert = async () =>
  Number((await sql`insert into products (name, price, quantity) values ('Bulle', 5, 1) returning id`)[0]?.id)
const remove = (id: number | string, headers: Record<string, string> = {}) =>
  api.fetch(`/products/${id}`, { method: 'DELETE', headers })

test('a deleted product is gone, and cannot be deleted again', async () => {
  const id = await insert()
  const response = await remove(id)
  expect([response.status, await response.text(), response.headers.get('cache-control')]).toEqual([204, '', 'no-store'])
  expect(await sql`select id from products where id = ${id}`).toEqual([])
  expect((await remove(id)).status).toBe(404)
})

test('with If-Match it is deleted only as it was seen', async () => {
  const id = await insert()
  expect((await remove(id, { 'if-match': '"2"' })).status).toBe(412)
  expect(await sql`select version from products where id = ${id}`).toEqual([{ version: 1 }])
  expect((await remove(id, { 'if-match': '"1"' })).status).toBe(204)
})

test.each(['0', '999999999', 'abc'])('there is no product %s to delete', async (id) => {
  expect((await remove(id)).status).toBe(404)
})
