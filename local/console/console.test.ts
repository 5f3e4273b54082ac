// The console over real Postgres and Kafka, as a script uses it.

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openTestConsole } from './fixtures.ts'
import type { Way } from './way.ts'

const opened = openTestConsole()

const get = async (path: string) => fetch(opened.url() + path)

const { act } = opened

test('a product that is sent is in the state as a row and a record, and its way says where', async () => {
  const { body } = await act('product', { name: 'Way kettle', price: '5.00', quantity: 1 })
  expect(body).toMatchObject({ status: 201, productId: expect.any(Number) })
  const id = Number(body.productId)
  const way = async () => (await (await get(`/api/products/${id}/way`)).json()) as Way
  await expect.poll(async () => (await way()).events[0]?.record).toMatchObject({ topic: opened.topic })
  const { product, events } = await way()
  expect(product).toMatchObject({ name: 'Way kettle', price: '5.00' })
  expect(events).toMatchObject([{ type: 'product.created', request: { status: 201 }, outbox: { state: 'left' } }])
  const newest = async () => (await opened.readState()).postgres.seen?.products.newest.map(({ name }) => name)
  await expect.poll(newest).toContain('Way kettle')
  const keys = async () =>
    (await opened.readState()).topics.flatMap(({ partitions }) =>
      partitions.flatMap(({ records }) => records.map(({ key }) => key)),
    )
  await expect.poll(keys).toContain(String(id))
})

test('the newest products come first, by number and not by letter', async () => {
  await opened.sql`
    insert into products (name, price, quantity, created_at)
    select 'Numbered ' || n, 1, 1, now() from generate_series(1, 12) n`
  const ids = async () => (await opened.readState()).postgres.seen?.products.newest.map(({ id }) => Number(id)) ?? []
  await expect.poll(async () => (await ids())[0]).toBeGreaterThan(11)
  expect(await ids()).toEqual((await ids()).toSorted((a, b) => b - a))
  const { products } = (await (await get('/api/find?q=numbered')).json()) as { products: { id: string }[] }
  expect(products.map(({ id }) => Number(id))).toEqual(products.map(({ id }) => Number(id)).toSorted((a, b) => b - a))
})

test('what the API refuses is told in its words', async () => {
  const { status, body } = await act('product', { name: '', price: 'cheap', quantity: null })
  expect(status).toBe(200)
  expect(body).toMatchObject({ status: 422, productId: null })
  expect(body.errors).toContainEqual({ pointer: '/price', detail: expect.any(String) })
})

test('an event that is dead is in the state, with the reason, and can be put back', async () => {
  const id = randomUUID()
  await opened.sql`
    insert into outbox_dead (id, event_id, type, key, payload, headers, created_at, error)
    values (nextval(pg_get_serial_sequence('outbox', 'id')), ${id}, 'product.created', '77', '{}', '{}', now(), 'MESSAGE_TOO_LARGE')`
  await expect
    .poll(async () => (await opened.readState()).postgres.seen?.dead)
    .toMatchObject([{ event_id: id, error: 'MESSAGE_TOO_LARGE' }])
  expect((await act('redrive')).body).toEqual({ redriven: 1 })
  expect(await opened.sql`select event_id from outbox_dead`).toEqual([])
})

test('the group in which the page reads is shown as what it is, and commits nothing', async () => {
  const place = await opened.write({ key: '1', value: '{}' })
  await opened.isInState(place)
  const { about, groups } = await opened.readState()
  await expect
    .poll(async () => (await opened.readState()).groups.find(({ kind }) => kind === 'reader'))
    .toMatchObject({
      groupId: about.readerGroup,
      partitions: expect.not.arrayContaining([expect.objectContaining({ committed: expect.any(Number) })]),
    })
  expect(groups.filter(({ kind }) => kind === 'app').map(({ groupId }) => groupId)).toEqual(about.apps)
})

test('a record that is not there is not found', async () => {
  expect((await get(`/api/records/${opened.topic}/0/999999`)).status).toBe(404)
  expect((await get('/api/records/no.such.topic/0/0')).status).toBe(404)
})

test('a group that has committed nothing is not moved, and the reason says so', async () => {
  const { status, body } = await act('move', { group: 'stock', really: true, to: 'earliest' })
  expect(status).toBe(409)
  expect(body.error).toContain('has committed nothing yet')
})

test('a value that no schema allows changes nothing', async () => {
  expect((await act('rate', { perSecond: 1_000_000 })).status).toBe(422)
  expect((await act('start', { app: 'rm -rf' })).status).toBe(422)
  expect((await act('kill', { member: 'init' })).status).toBe(409)
})

test('a broker that is not ours is not paused, and the reason says what to do', async () => {
  const { status, body } = await act('broker', { paused: true })
  expect(status).toBe(409)
  expect(body.error).toContain('docker compose pause kafka')
})
