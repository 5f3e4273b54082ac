import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { database } from '../../lib/database.ts'
import { drain } from '../../lib/outbox/drain.ts'
import { newIsolate } from '../../lib/outbox/isolate.ts'
import { giveUp, next } from '../../lib/outbox/statements.ts'
import { insertProductOnce, insertProductsOnce } from '../../lib/products/idempotent.ts'
import { deleteProduct, insertProduct, insertProducts, updateProduct } from '../../lib/products/write.ts'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { emptyOutbox } from '../rig/outbox.ts'
import { stage } from '../rig/stage.ts'
import type { Step } from '../rig/gate.ts'
import { startSqlProxy } from './sql-proxy.ts'
import { portOf } from '../machine/port-of.ts'

const { env, kafka, sql: unwatched } = stage()

/** A database whose statements are written down as steps. */
async function watched() {
  const steps: Step[] = []
  const statements = await startSqlProxy(env.NEON_PROXY_URL, async (step) => void steps.push(step))
  onTestFinished(() => statements.close())
  return { steps, sql: database({ ...env, NEON_PROXY_URL: statements.url }) }
}

const product = { name: 'Tea', price: '1.50', quantity: 3 }
const context = { eventId: crypto.randomUUID() }
const change = ['before the change is committed', 'after the change is committed']
const take = ['before a batch is taken', 'after a batch is taken']
const acknowledge = ['before the acknowledged events are deleted', 'after the acknowledged events are deleted']
const last = ['before a batch is taken'] // the look of one who has freed the lease

test('every statement that changes products is known', async () => {
  const { steps, sql } = await watched()
  const { product: made } = await insertProduct(sql, product, context)
  await insertProducts(sql, [product], context)
  await insertProductOnce(sql, product, context, { caller: '', key: 'key' })
  await insertProductsOnce(sql, [product], context, { caller: '', key: 'import' })
  await updateProduct(sql, { id: made.id, versions: undefined }, { quantity: 4 }, context)
  await deleteProduct(sql, { id: made.id, versions: undefined }, context)
  await updateProduct(sql, { id: made.id, versions: undefined }, { quantity: 5 }, context) // finds none
  expect(steps).toEqual([change, change, change, change, change, change, 'before the change is committed'].flat())
})

// A publisher that runs out of time takes other steps.
test('every step of a publisher is known', ANEW_IF_BUSY, async () => {
  const { steps, sql } = await watched()
  await emptyOutbox(unwatched)
  await insertProduct(sql, product, context)
  await drain(sql, kafka, newIsolate())
  expect(steps).toEqual([change, take, acknowledge, last].flat())

  steps.length = 0
  await insertProduct(sql, product, context)
  const { batch } = await next(sql, { token: null, acknowledged: [], limit: 500 })
  await giveUp(sql, { token: batch?.token ?? '', acknowledged: [], error: 'Test: provoked', publisher: 'me' })
  expect(steps).toEqual([change, take, 'before a failure is noted'].flat())
})

test('one that breaks off amid its answer ends the exchange, and nothing else', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"rows":', () => response.socket?.resetAndDestroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const port = portOf(server)
  const statements = await startSqlProxy(`http://127.0.0.1:${port}/sql`, async () => {})
  onTestFinished(() => statements.close())
  for (let i = 0; i < 20; i++)
    await expect(database({ ...env, NEON_PROXY_URL: statements.url })`select`).rejects.toThrow('connecting to database')
})

test('who is not there is not answered for', async () => {
  const statements = await startSqlProxy('http://127.0.0.1:1/sql', async () => {})
  onTestFinished(() => statements.close())
  await expect(database({ ...env, NEON_PROXY_URL: statements.url })`select`).rejects.toThrow('connecting to database')
})
