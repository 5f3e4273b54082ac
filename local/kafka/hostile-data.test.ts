// Records, settings and connections that no honest client has: who sends them is refused, and nobody else goes without.

import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { crc32c, LAST_PRODUCER_ID } from './batch.ts'
import { KafkaError } from './errors.ts'
import {
  openConnection,
  openSocket,
  produce,
  read,
  recordBatch,
  startBroker,
  temporaryFolder,
  until,
} from './fixtures.ts'
import { string } from './protocol/types.ts'
import { openRaw } from './raw-requests.ts'

const LONG_MAX = 2n ** 63n - 1n
const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

async function start(options: Parameters<typeof startBroker>[0] = {}) {
  const broker = await startBroker({ partitions: 1, ...options })
  const admin = broker.client.admin()
  onTestFinished(() => admin.disconnect())
  return { ...broker, admin, raw: await openRaw(broker.brokers[0] ?? '') }
}

/** An intact batch of an idempotent producer, with one record and something else in its header. */
function batchWith(change: (batch: Buffer) => void) {
  const batch = recordBatch(Date.now())
  batch.writeBigInt64BE(5n, 43)
  batch.writeInt16BE(0, 51)
  batch.writeInt32BE(0, 53)
  change(batch)
  batch.writeInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

test.each<[string, (batch: Buffer) => void, 'INVALID_RECORD' | 'INVALID_TXN_STATE']>([
  [
    'counts more records than it has room for',
    (batch) => (batch.writeInt32BE(99, 23), batch.writeInt32BE(100, 57)),
    'INVALID_RECORD',
  ],
  ['has a producer id that leaves none after it', (batch) => batch.writeBigInt64BE(LONG_MAX, 43), 'INVALID_RECORD'],
  ['belongs to a transaction that nobody began', (batch) => batch.writeInt16BE(0x10, 21), 'INVALID_TXN_STATE'],
])('a batch that %s is refused, and readers have the others', async (_, change, expected) => {
  const { raw, client } = await start()
  await raw.metadata('orders')
  expect(await raw.produce('orders', 0, { batch: batchWith(change) })).toMatchObject({ error: code(expected) })
  await produce(client, 'orders', 'good')
  expect(await read(client, 'orders', 1)).toEqual(['good'])
})

test('producer ids are given out after a start with records that have the last of all', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await produce(before.client, 'orders', 'one')
  await before.close()
  rmSync(join(folder, 'transaction-state.log'), { force: true })
  rmSync(join(folder, 'orders-0'), { recursive: true })
  writeFileSync(
    join(folder, 'orders-0.log'),
    batchWith((batch) => batch.writeBigInt64BE(LONG_MAX, 43)),
  )
  const { raw } = await start({ folder })
  const { error, producerId } = await raw.initProducer(null)
  expect(error).toBe(0)
  expect(producerId).toBeLessThan(LAST_PRODUCER_ID)
})

test('the latest time of a partition is told though a record claims a time beyond all', async () => {
  const { raw } = await start()
  await raw.metadata('orders')
  const batch = batchWith((each) => each.writeBigInt64BE(LONG_MAX, 35))
  expect(await raw.produce('orders', 0, { batch })).toMatchObject({ error: 0 })
  expect(await raw.listOffsets('orders', 0, { timestamp: -3 })).toMatchObject({ error: 0, offset: 0 })
})

test.each([900_001, 0, -1])('a transaction may not stay open for %i ms', async (timeout) => {
  const { raw } = await start()
  expect(await raw.initProducer('tx', timeout)).toMatchObject({ error: code('INVALID_TRANSACTION_TIMEOUT') })
  expect(await raw.initProducer('tx', 900_000)).toMatchObject({ error: 0 })
})

test('a topic that is named many times is described once', async () => {
  const { raw, brokers } = await start()
  await raw.metadata('orders')
  const ask = await openConnection(brokers)
  const describe = async (names: string[]) => {
    const write = (writer: Parameters<typeof string.write>[0]) => {
      writer.int32(names.length)
      for (const name of names) string.write(writer, name)
    }
    return (await ask({ key: 3, version: 1, flexible: false, write })).left
  }
  expect(await describe(['orders', 'orders', 'orders'])).toBe(await describe(['orders']))
})

test.each(['constructor', '__proto__', 'x'.repeat(32_760)])('a setting %.20s is unknown', async (name) => {
  const { admin } = await start()
  const topics = [{ topic: 'orders', configEntries: [{ name, value: 'x' }] }]
  const refused = await admin.createTopics({ topics }).catch((error: { errors?: unknown[] }) => error.errors)
  expect(refused).toMatchObject([{ code: code('INVALID_CONFIG') }])
})

test('settings that an earlier version took, and that no answer has room for, are left out', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await before.raw.metadata('orders')
  await before.close()
  const file = join(folder, 'topics.json')
  const configs = { 'retention.ms': '\ufffd'.repeat(20_000), 'segment.ms': '7' }
  writeFileSync(file, readFileSync(file, 'utf8').replace('"configs": {}', `"configs": ${JSON.stringify(configs)}`))
  const { admin } = await start({ folder })
  const { resources } = await admin.describeConfigs({
    resources: [{ type: 2, name: 'orders' }],
    includeSynonyms: false,
  })
  const values = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
  expect([values.get('retention.ms'), values.get('segment.ms')]).toEqual(['604800000', '7'])
})

async function connectSilent(brokers: string[]) {
  const socket = await openSocket(brokers)
  const state = { closed: false }
  socket.on('error', () => {})
  socket.on('close', () => (state.closed = true))
  socket.write('\0')
  return state
}

test('a flood of connections ends those that are silent for longest', async () => {
  const { brokers, client } = await start({ limits: { connections: 10 } })
  const flood: { closed: boolean }[] = []
  for (let n = 0; n < 20; n++) flood.push(await connectSilent(brokers))
  await until(() => flood.filter(({ closed }) => closed).length >= 10)
  await produce(client, 'orders', 'served')
  expect(await read(client, 'orders', 1)).toEqual(['served'])
})

test('a connection on which nothing happens is ended', async () => {
  const { brokers } = await startBroker({ limits: { idle: 50 } })
  const silent = await connectSilent(brokers)
  await until(() => silent.closed)
})

test('a request that comes byte by byte counts as what it costs, and a finished one as nothing', async () => {
  const { brokers, client } = await start({ limits: { unfinished: 100_000 } })
  for (let n = 0; n < 5; n++) await produce(client, 'orders', 'x'.repeat(80_000))
  const socket = (await openSocket(brokers)).setNoDelay().on('error', () => {})
  const size = Buffer.alloc(4)
  size.writeInt32BE(90_000_000)
  socket.write(size)
  const closed = once(socket, 'close')
  while (!socket.destroyed)
    await Promise.race([new Promise((sent) => setImmediate(() => socket.write('x', sent))), closed])
  expect(socket.bytesWritten).toBeLessThan(50_000)
})
