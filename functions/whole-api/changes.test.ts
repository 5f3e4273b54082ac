// The events of a product's whole life, with the whole API in one Worker.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { stage } from '../../local/rig/stage.ts'
import { openTopic, type Topic } from '../../local/rig/topic.ts'
import { worker } from '../../local/rig/worker.ts'

const { env, sql, bootstrapServers, records } = stage()
const api = worker('', env)
let changes: Topic
beforeAll(async () => {
  changes = await openTopic(bootstrapServers, env.PRODUCTS_CHANGED_TOPIC)
})
afterAll(() => changes.close())

type Product = { id: number; created_at: string }
const create = async () => {
  const response = await api.post('/products', { name: 'Bulle', price: '5', quantity: 0 })
  expect([response.status, response.headers.get('etag')]).toEqual([201, '"1"'])
  return (await response.json()) as Product
}
const eventsOf = (id: number) => changes.records.filter(({ key }) => key === String(id))

test('a change and a deletion have the events that the design describes, byte for byte', async () => {
  const { id, created_at } = await create()
  await api.send(
    'PATCH',
    `/products/${id}`,
    { price: '6.50' },
    { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  )
  await api.fetch(`/products/${id}`, { method: 'DELETE' })
  await expect.poll(() => eventsOf(id).length).toBe(2)
  const [updated, deleted] = eventsOf(id)
  const moment = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00`
  const state = `"product_id":${id},"pname":"Bulle","price":"6.50","quantity":0,"created_at":"${created_at.replace('+', '\\+')}"`
  expect(updated?.value).toMatch(
    new RegExp(`^{"type":"product.updated",${state},"version":2,"updated_at":"${moment}"}$`),
  )
  expect(deleted?.value).toMatch(
    new RegExp(`^{"type":"product.deleted",${state},"version":3,"deleted_at":"${moment}"}$`),
  )
  expect(updated?.headers).toMatchObject({ ce_type: 'product.updated', traceparent: expect.stringContaining('4bf92f') })
  expect(deleted?.headers).toMatchObject({ ce_type: 'product.deleted', ce_source: '/products' })
  expect(JSON.parse(updated?.value ?? '')).toMatchObject({ updated_at: updated?.headers.ce_time })
  const created = () => records().filter(({ key }) => key === String(id))
  await expect
    .poll(() => new Set(created().map(({ headers }) => headers.ce_type)))
    .toEqual(new Set(['product.created']))
})

test(
  'changes made at once reach Kafka in the order in which they were made, each once, on one partition',
  ANEW_IF_BUSY,
  async () => {
    const products = await Promise.all([create(), create(), create()])
    const patches = products.flatMap(({ id }) =>
      Array.from({ length: 20 }, async (_, quantity) => {
        const response = await api.send('PATCH', `/products/${id}`, { quantity: quantity + 1 })
        expect(response.status).toBe(200)
        return { id, version: Number(response.headers.get('etag')?.slice(1, -1)), quantity: quantity + 1 }
      }),
    )
    const made = await Promise.all(patches)
    await Promise.all(products.map(({ id }) => api.fetch(`/products/${id}`, { method: 'DELETE' })))
    for (const { id } of products) {
      await expect.poll(() => eventsOf(id).length).toBe(21)
      const events = eventsOf(id).map(
        ({ value }) => JSON.parse(value) as { version: number; quantity: number; updated_at?: string },
      )
      expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 21 }, (_, i) => i + 2))
      expect(events.slice(0, -1).map(({ version, quantity }) => ({ id, version, quantity }))).toEqual(
        made.filter((change) => change.id === id).sort((a, b) => a.version - b.version),
      )
      const moments = events.slice(0, -1).map(({ updated_at = '' }) => updated_at)
      expect(moments.every((moment, i) => moment > (moments[i - 1] ?? ''))).toBe(true)
      expect(new Set(eventsOf(id).map(({ partition }) => partition)).size).toBe(1)
    }
  },
)

test('a price that is changed by hand reaches Kafka as the next version, and who knows the old one may not write', async () => {
  const { id } = await create()
  await sql`update products set price = 7 where id = ${id}` // as psql would: our API has no part in it
  const stale = await api.send('PATCH', `/products/${id}`, { price: '8' }, { 'if-match': '"1"' })
  expect(stale.status).toBe(412)
  const shown = await api.fetch(`/products/${id}`)
  expect([shown.headers.get('etag'), await shown.json()]).toEqual(['"2"', expect.objectContaining({ price: '7.00' })])
  await create() // whoever makes a change through the API has all published that waits
  await expect
    .poll(() => eventsOf(id).map(({ value }) => JSON.parse(value) as object))
    .toMatchObject([{ type: 'product.updated', product_id: id, price: '7.00', version: 2 }])
})
