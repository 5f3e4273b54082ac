// The effect of each app, of events as the API writes them.

import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { NewProduct } from '../../../lib/products/schema.ts'
import { deleteProduct, insertProduct, updateProduct } from '../../../lib/products/write.ts'
import { stage } from '../../rig/stage.ts'
import type { App } from '../app.ts'
import { createTables } from '../database.ts'
import { type ConsumedRecord, Poison, readEvent } from '../event.ts'
import { deliver } from '../inbox.ts'
import { auditLog } from './audit-log.ts'
import { APPS } from './index.ts'
import { priceWatch } from './price-watch.ts'
import { searchIndex } from './search-index.ts'
import { stock } from './stock.ts'
import { webhook } from './webhook.ts'
import { sign } from './webhook-signature.ts'
import { newPool } from '../../machine/pg-client.ts'
import { portOf } from '../../machine/port-of.ts'

const { sql, env } = stage()
const pool = newPool(env.DATABASE_URL) // which waits as long as it takes
const SECRET = `whsec_${Buffer.from('a secret of two').toString('base64')}`

afterAll(() => pool.end())
beforeAll(() => createTables(pool, APPS))

let offset = 0
/** The events that the outbox has got since, as records of one partition. */
async function recordsOf(change: () => Promise<unknown>): Promise<ConsumedRecord[]> {
  await sql`delete from outbox`
  await change()
  const rows = await sql`select key, payload, headers from outbox order by id`
  return rows.map(({ key, payload, headers }) => ({
    topic: 'products',
    partition: 0,
    offset: String(offset++),
    key: Buffer.from(String(key)),
    value: Buffer.from(String(payload)),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name, Buffer.from(String(value))]),
    ),
  }))
}
const request = () => ({ eventId: crypto.randomUUID() })
const create = (product: unknown) => recordsOf(() => insertProduct(sql, NewProduct.parse(product), request()))
const productId = async () => Number((await sql`select max(id) as id from products`)[0]?.id)
const change = async (fields: Parameters<typeof updateProduct>[2]) => {
  const id = await productId()
  return recordsOf(() => updateProduct(sql, { id, versions: undefined }, fields, request()))
}
const remove = async () => {
  const id = await productId()
  return recordsOf(() => deleteProduct(sql, { id, versions: undefined }, request()))
}

/** The app as a group of its own. */
async function started(app: App, more: Record<string, string> = {}) {
  const said: string[] = []
  const effect = await app.start({ ...more }, (sentence) => said.push(sentence))
  const groupId = crypto.randomUUID()
  return {
    said,
    work: async (records: ConsumedRecord[]) => {
      for (const record of records) await deliver(pool, { groupId, app, effect }, readEvent(record), record)
    },
  }
}
async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'audit-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('stock has the units of each product and what they are worth, until it is deleted', async () => {
  const { work } = await started(stock)
  await work(await create({ name: 'Green tea', price: '9999999999.99', quantity: 2_147_483_647 }))
  const row = async () =>
    (await pool.query('select pname, units, value from consumers.stock where product_id = $1', [await productId()]))
      .rows
  expect(await row()).toEqual([{ pname: 'Green tea', units: 2_147_483_647, value: '21474836469978525163.53' }])
  await work(await change({ price: '2.50', quantity: 4, name: 'Black tea' }))
  expect(await row()).toEqual([{ pname: 'Black tea', units: 4, value: '10.00' }])
  const removed = await remove()
  await work(removed)
  expect((await pool.query('select from consumers.stock')).rowCount).toBe(0)
})

test('the search index finds a product by words of its present name', async () => {
  const { work } = await started(searchIndex)
  const found = async (words: string) =>
    (
      await pool.query("select pname from consumers.search_index where words @@ websearch_to_tsquery('simple', $1)", [
        words,
      ])
    ).rows
  await work(await create({ name: 'Grüner Tee 🍵', price: '1.00', quantity: 1 }))
  expect(await found('grüner tee')).toEqual([{ pname: 'Grüner Tee 🍵' }])
  await work(await change({ name: 'Kaffee' }))
  expect([await found('tee'), await found('kaffee')]).toEqual([[], [{ pname: 'Kaffee' }]])
  await work(await remove())
  expect(await found('kaffee')).toEqual([])
})

test('the price watch alerts each time that a price crosses the threshold, and only then', async () => {
  const { work, said } = await started(priceWatch, { PRICE_WATCH_THRESHOLD: '5.00' })
  await work(await create({ name: 'Tea', price: '4.00', quantity: 1 }))
  for (const price of ['4.99', '5.00', '7.00', '1.00']) await work(await change({ price }))
  const alerts = await pool.query(
    'select was, is_now from consumers.price_alerts where product_id = $1 order by alerted_at',
    [await productId()],
  )
  expect(alerts.rows).toEqual([
    { was: '4.99', is_now: '5.00' },
    { was: '7.00', is_now: '1.00' },
  ])
  expect(said).toHaveLength(2)
})

test('the audit log has a line for each record, also when the process died after or in it', async () => {
  const folder = await temporaryFolder()
  const records = [
    ...(await create({ name: 'Tea'.repeat(66), price: '1.00', quantity: 1 })),
    ...(await change({ price: '2.00' })),
    ...(await remove()),
  ]
  const file = join(folder, 'products-0.log')
  const lines = async () => (await readFile(file, 'utf8')).split('\n')
  await (await started(auditLog, { AUDIT_LOG_FOLDER: folder })).work(records)
  const whole = await lines()
  expect(whole.map((line) => line.split(' ', 3))).toEqual([
    ...records.map((record) => [record.offset, 'products', '0']),
    [''],
  ])

  await (await started(auditLog, { AUDIT_LOG_FOLDER: folder })).work(records) // with no claim left
  expect(await lines()).toEqual(whole)
  await truncate(file, Buffer.byteLength(whole.slice(0, 2).join('\n')) + 20) // in the middle of the third line
  await (await started(auditLog, { AUDIT_LOG_FOLDER: folder })).work(records)
  expect(await lines()).toEqual(whole)
  await appendFile(file, `99 products 0 ${'x'.repeat(10_000)}`) // a long line that was begun
  await (await started(auditLog, { AUDIT_LOG_FOLDER: folder })).work(records)
  expect(await lines()).toEqual(whole)
})

test('the audit log goes on with a topic that is made again, whose offsets it has lines of', async () => {
  const folder = await temporaryFolder()
  const { work } = await started(auditLog, { AUDIT_LOG_FOLDER: folder })
  const old = [
    ...(await create({ name: 'Tea', price: '1.00', quantity: 1 })),
    ...(await create({ name: 'Tea\u2028', price: '1.00', quantity: 1 })),
  ]
  const made = [...(await change({ price: '2.00' })), ...(await remove())]
  const again = made.map((record, index) => ({ ...record, offset: old[index]?.offset ?? '' }))
  await work([...old, ...again])
  await (await started(auditLog, { AUDIT_LOG_FOLDER: folder })).work([...old, ...again]) // with no claim left
  const lines = (await readFile(join(folder, 'products-0.log'), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => /^\d+/.exec(line)?.[0])).toEqual([...old, ...again].map(({ offset }) => offset))
  for (const [index, { headers }] of [...old, ...again].entries()) expect(lines[index]).toContain(String(headers.ce_id))
})

async function receiver(status: () => number) {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ headers: request.headers, body })
      response.writeHead(status(), { location: '/elsewhere' }).end('thanks')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {
    requests,
    url: `http://127.0.0.1:${portOf(server)}/hook`,
  }
}

test('the webhook sends the bytes of the record, signed, with the id of the event', async () => {
  const { requests, url } = await receiver(() => 200)
  const { work } = await started(webhook, { WEBHOOK_URL: url, WEBHOOK_SECRET: SECRET })
  const [record] = await create({ name: 'Grüner Tee', price: '1.00', quantity: 1 })
  if (!record) throw new Error('The outbox has nothing')
  await work([record, record])
  expect(requests).toHaveLength(1)
  const { headers, body } = requests[0] ?? { headers: {}, body: '' }
  const id = String(record.headers.ce_id)
  expect(body).toBe(String(record.value))
  expect(headers).toMatchObject({ 'idempotency-key': id, 'webhook-id': id, 'content-type': 'application/json' })
  expect(headers['webhook-signature']).toBe(sign(SECRET, id, String(headers['webhook-timestamp']), body))
})

test.each([
  [400, true],
  [413, true],
  [422, true],
  [302, false],
  [401, false],
  [404, false],
  [410, false],
  [429, false],
  [500, false],
])('a webhook that is answered %i is given up: %o; else it is tried again', async (status, givenUp) => {
  const { url } = await receiver(() => status)
  const { work } = await started(webhook, { WEBHOOK_URL: url, WEBHOOK_SECRET: SECRET })
  const error = await work(await create({ name: 'Tea', price: '1.00', quantity: 1 })).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ message: `the receiver answered ${status}` })
  expect(error instanceof Poison).toBe(givenUp)
})

test('without a URL the webhook has a receiver of its own, which checks what it gets', async () => {
  const { said, work } = await started(webhook)
  const records = await create({ name: 'Tea', price: '1.00', quantity: 1 })
  const url = /http:\S+\//.exec(said[0] ?? '')?.[0] ?? ''
  expect(new URL(url).hostname).toBe('127.0.0.1')
  await work(records)
  expect(said[1]).toContain('rightly signed: {"type":"product.created"')
  const forged = await fetch(url, {
    method: 'POST',
    headers: { 'webhook-id': '1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' },
  })
  expect(forged.status).toBe(401)
})

test.each([
  [webhook, { WEBHOOK_URL: 'ftp://example.com', WEBHOOK_SECRET: SECRET }, 'WEBHOOK_URL is no http:// or https:// URL'],
  [webhook, { WEBHOOK_URL: 'https://example.com' }, 'WEBHOOK_SECRET is missing'],
  [priceWatch, { PRICE_WATCH_THRESHOLD: 'ten' }, 'PRICE_WATCH_THRESHOLD is no price'],
])('%o refuses to start with %o', async (app, wrong, reason) => {
  await expect(started(app, wrong)).rejects.toThrow(reason)
})
