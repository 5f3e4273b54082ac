// Every statement of lib/, as the roles that Workers have in production.

import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { insertEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { urlFor } from '../../local/postgres/logins.ts'
import { database } from '../database.ts'
import { forgetAcknowledged, waitForAcknowledgement } from '../outbox/acknowledged.ts'
import { outboxHealth } from '../outbox/health.ts'
import * as outbox from '../outbox/statements.ts'
import { forgetKeys, insertProductOnce, insertProductsOnce } from '../products/idempotent.ts'
import { findProduct, findProducts } from '../products/read.ts'
import { deleteProduct, insertProduct, insertProducts, updateProduct } from '../products/write.ts'

const { env, sql: owner } = stage()
const as = (role: 'writer' | 'reader') => database({ ...env, DATABASE_URL: urlFor(role, env.DATABASE_URL) })
const [writer, reader] = [as('writer'), as('reader')]
const product = { name: 'Semla', price: '45.00', quantity: 1 }
const context = { eventId: randomUUID() }
const refused = { code: '42501' }

describe.skipIf(!inject('hasRoles'))('in a Postgres with the roles', () => {
  test('a reader reads products, and how the outbox is', async () => {
    const { product: made } = await insertProduct(writer, product, context)
    expect(await findProduct(reader, made.id)).toMatchObject({ product: made, version: 1 })
    expect(await findProducts(reader, { limit: 1, after: made.id - 1 })).toEqual([made])
    expect(await outboxHealth(reader)).toMatchObject({ failures: 0, dead: 0 })
  })

  test('a reader changes nothing, and sees no event, no key and no migration', async () => {
    const { product: made } = await insertProduct(writer, product, context)
    const target = { id: made.id, versions: undefined }
    await expect(deleteProduct(reader, target, context)).rejects.toMatchObject(refused)
    await expect(updateProduct(reader, target, { quantity: 2 }, context)).rejects.toMatchObject(refused)
    await expect(insertProduct(reader, product, context)).rejects.toMatchObject(refused)
    await expect(reader`delete from products`).rejects.toMatchObject(refused)
    await expect(reader`select payload from outbox`).rejects.toMatchObject(refused)
    await expect(reader`select from idempotency_keys`).rejects.toMatchObject(refused)
    await expect(reader`update outbox_lease set failures = 1`).rejects.toMatchObject(refused)
    expect(await findProduct(reader, made.id)).toMatchObject({ product: made })
  })

  test('a writer creates, changes and deletes products, under keys and without', async () => {
    const { product: made } = await insertProduct(writer, product, context)
    expect(await insertProducts(writer, [product, product], context)).toHaveLength(2)
    const target = { id: made.id, versions: [1] }
    expect(await updateProduct(writer, target, { quantity: 2 }, context)).toMatchObject({ version: 2 })
    expect(await updateProduct(writer, target, { quantity: 3 }, context)).toBe('other version')
    expect(await deleteProduct(writer, { ...target, versions: undefined }, context)).toMatchObject({ version: 3 })
    const key = randomUUID()
    expect(await insertProductOnce(writer, product, context, { caller: '', key })).toMatchObject({ replayed: false })
    await owner`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`
    expect(await insertProductsOnce(writer, [product], context, { caller: '', key })).toMatchObject({ replayed: false })
    expect(await insertProductsOnce(writer, [product], context, { caller: '', key })).toMatchObject({ replayed: true })
    await owner`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`
    await forgetKeys(writer, 1)
    expect(await owner`select from idempotency_keys where key = ${key}`).toEqual([])
  })

  test('a writer empties the outbox, and puts aside what cannot be sent', async () => {
    await owner`truncate outbox, outbox_held, outbox_dead, outbox_acknowledged`
    const [awaited = '', ...others] = await insertEvents(owner, 4)
    await owner`update outbox set awaited = true where event_id = ${awaited}`
    const { batch } = await outbox.next(writer, { token: null, acknowledged: [], limit: 10 })
    const [first = 0, second = 0, third = 0] = batch?.events.map(({ id }) => id) ?? []
    const token = batch?.token ?? ''
    await outbox.putAside(writer, token, {
      waiting: [{ id: second, target: 'topic:1' }],
      failing: [{ target: 'topic:1', error: 'NOT_ENOUGH_REPLICAS', progressed: false }],
      refused: [{ id: third, error: 'MESSAGE_TOO_LARGE' }],
    })
    await outbox.putAside(writer, token, {
      waiting: [],
      failing: [{ target: 'topic:1', error: 'NOT_ENOUGH_REPLICAS', progressed: true }],
      refused: [],
    })
    expect(await outbox.putBack(writer, token, ['topic:1'])).toBe(true)
    await outbox.giveUp(writer, { token, acknowledged: [first], error: 'KafkaTimeout', publisher: 'a' })
    expect(await waitForAcknowledgement(writer, awaited, 120_000)).toBe(true)
    expect(await outboxHealth(writer)).toMatchObject({ pending: others.length - 1, dead: 1, failures: 1 })
    await owner`update outbox_acknowledged set acknowledged_at = now() - interval '25 hours'`
    await forgetAcknowledged(writer, 1)
    expect(await owner`select from outbox_acknowledged`).toEqual([])
  })

  test('a writer makes no table, and changes none', async () => {
    await expect(writer`create table mine ()`).rejects.toMatchObject(refused)
    await expect(writer`alter table products add column mine text`).rejects.toMatchObject(refused)
    await expect(writer`truncate outbox`).rejects.toMatchObject(refused)
    await expect(writer`update products set id = default`).rejects.toMatchObject(refused)
  })
})
