// What no honest client sends is refused as Kafka refuses it, and neither other clients nor the next start suffer from it.

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crc32c, LAST_PRODUCER_ID } from './batch.ts'
import { produce, read, recordBatch, startBroker, temporaryFolder } from './fixtures.ts'
import { LONG_MAX, openRawAdmin } from './raw-admin.ts'
import { openRaw } from './raw-requests.ts'

const ERROR = { OFFSET_OUT_OF_RANGE: 1, METADATA_TOO_LARGE: 12, INVALID_TOPIC: 17, INVALID_CONFIG: 40, POLICY_VIOLATION: 44 }
const [INVALID_TXN_STATE, INVALID_TRANSACTION_TIMEOUT, INVALID_RECORD] = [48, 50, 87]

async function start(options: Parameters<typeof startBroker>[0] = {}) {
  const reports: string[] = []
  const broker = await startBroker({ partitions: 1, log: (message) => reports.push(message), ...options })
  const [address = ''] = broker.brokers
  return { ...broker, reports, admin: await openRawAdmin(address), raw: await openRaw(address) }
}

/** A batch of one record with other values in its header. */
function batchWith(change: (batch: Buffer) => void) {
  const batch = recordBatch(Date.now())
  change(batch)
  batch.writeInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

test('an offset that no number holds is refused, and the next start has the others', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await before.admin.createTopics({ name: 'orders' })
  expect(await before.admin.commit({ group: 'good', topic: 'orders', offset: 5n })).toEqual([0])
  for (const offset of [LONG_MAX, -LONG_MAX, 2n ** 53n - 1n])
    expect(await before.admin.commit({ group: 'bad', topic: 'orders', offset })).toEqual([ERROR.OFFSET_OUT_OF_RANGE])
  await before.close()
  const { client } = await start({ folder })
  const admin = client.admin()
  const [topic] = await admin.fetchOffsets({ groupId: 'good', topics: ['orders'] })
  await admin.disconnect()
  expect(topic?.partitions[0]?.offset).toBe('5')
})

test('what an earlier version stored of such clients stops no start and no answer', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await before.admin.createTopics({ name: 'orders' })
  await before.close()
  const offset = (group: string, offset: string, metadata = '') =>
    `{"group":${JSON.stringify(group)},"topic":"orders","index":0,"offset":${offset},"leaderEpoch":0,"metadata":"${metadata}"}`
  const stored = [
    offset('good', '5'),
    offset('offset', '9223372036854775807'),
    offset('\ufffd'.repeat(20_000), '1'),
    offset('metadata', '1', '\ufffd'.repeat(20_000)),
  ]
  writeFileSync(join(folder, 'offsets.json'), `[${stored.join()}]`)
  const topics = readFileSync(join(folder, 'topics.json'), 'utf8')
  const configs = { 'retention.ms': '\ufffd'.repeat(20_000), constructor: 'x', 'segment.ms': '7' }
  writeFileSync(join(folder, 'topics.json'), topics.replace('"configs": {}', `"configs": ${JSON.stringify(configs)}`))

  const { client, admin, reports } = await start({ folder })
  expect(await admin.groups()).toEqual(['good'])
  expect(reports).toEqual([expect.stringContaining('offsets.json: 3 committed offsets')])
  const kafka = client.admin()
  const { resources } = await kafka.describeConfigs({ resources: [{ type: 2, name: 'orders' }], includeSynonyms: false })
  await kafka.disconnect()
  const values = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
  expect([values.get('retention.ms'), values.get('segment.ms')]).toEqual(['604800000', '7'])
})

test('metadata of an offset may have 4096 characters', async () => {
  const { admin } = await start()
  await admin.createTopics({ name: 'orders' })
  const commit = (metadata: string) => admin.commit({ group: 'workers', topic: 'orders', offset: 1n, metadata })
  expect(await commit('é'.repeat(4096))).toEqual([0])
  expect(await commit('x'.repeat(4097))).toEqual([ERROR.METADATA_TOO_LARGE])
})

test('a name of 249 characters has records in any of its partitions after a restart', async () => {
  const folder = await temporaryFolder()
  const name = 'x'.repeat(249)
  const before = await start({ folder })
  expect(await before.admin.createTopics({ name, partitions: 12 }, { name: `${name}x` })).toEqual([0, ERROR.INVALID_TOPIC])
  await produce(before.client, name, { value: 'kept', partition: 11 })
  await before.close()
  const after = await start({ folder })
  expect(await read(after.client, name, 1)).toEqual(['kept'])
})

test('topics whose names differ in case only have files of their own, where case is folded too', async () => {
  const folder = await temporaryFolder()
  const { client } = await start({ folder })
  for (const topic of ['Foo', 'foo', 'FOO']) await produce(client, topic, topic)
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'))
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(3)
})

test('records that an earlier version kept under the bare name of a topic are taken over', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await produce(before.client, 'Foo', 'kept')
  await before.close()
  const [file = ''] = readdirSync(folder).filter((each) => each.endsWith('.log'))
  renameSync(join(folder, file), join(folder, 'Foo-0.log'))
  const after = await start({ folder })
  expect(await read(after.client, 'Foo', 1)).toEqual(['kept'])
})

test('of two names that are one for metrics the second is refused, however it is asked for, until the first is gone', async () => {
  const { admin, client } = await start()
  expect(await admin.createTopics({ name: 'a.b' }, { name: 'a_b' }, { name: 'a-b' })).toEqual([0, ERROR.INVALID_TOPIC, 0])
  expect(await admin.metadata('a_b')).toEqual([{ name: 'a_b', error: ERROR.INVALID_TOPIC, partitions: 0 }])
  const kafka = client.admin()
  await kafka.deleteTopics({ topics: ['a.b'] })
  await kafka.disconnect()
  expect(await admin.createTopics({ name: 'a_b' })).toEqual([0])
})

test('one request makes at most 10000 partitions', async () => {
  const { admin } = await start()
  const many = { partitions: 6_000 }
  expect(await admin.createTopics({ name: 'a', ...many }, { name: 'b', ...many })).toEqual([0, ERROR.POLICY_VIOLATION])
})

test('a topic that is named many times is described once', async () => {
  const { admin } = await start()
  await admin.createTopics({ name: 'orders', partitions: 3 })
  expect(await admin.metadata('orders', 'orders', 'orders')).toEqual([{ name: 'orders', error: 0, partitions: 3 }])
})

test.each(['__proto__', 'constructor', 'x'.repeat(32_000)])('a setting %.20s is unknown', async (name) => {
  const { admin } = await start()
  expect(await admin.createTopics({ name: 'orders', configs: [{ name, value: 'x' }] })).toEqual([ERROR.INVALID_CONFIG])
})

test.each<[string, (batch: Buffer) => void, number]>([
  ['counts more records than it has room for', (batch) => (batch.writeInt32BE(99, 23), batch.writeInt32BE(100, 57)), INVALID_RECORD],
  ['has a producer id that leaves none after it', (batch) => batch.writeBigInt64BE(LONG_MAX, 43), INVALID_RECORD],
  ['belongs to a transaction that nobody began', (batch) => batch.writeInt16BE(0x10, 21), INVALID_TXN_STATE],
])('a batch that %s is refused, and readers have the others', async (_, change, expected) => {
  const { raw, client } = await start()
  await raw.metadata('orders')
  const batch = batchWith((each) => (each.writeBigInt64BE(5n, 43), each.writeInt16BE(0, 51), each.writeInt32BE(0, 53), change(each)))
  expect(await raw.produce('orders', 0, { batch })).toMatchObject({ error: expected })
  await produce(client, 'orders', 'good')
  expect(await read(client, 'orders', 1)).toEqual(['good'])
})

test('producer ids are given out after a start whose records have the last of all', async () => {
  const folder = await temporaryFolder()
  const before = await start({ folder })
  await produce(before.client, 'orders', 'one')
  await before.close()
  const file = join(folder, 'orders-0.log')
  const batch = batchWith((each) => (each.writeBigInt64BE(LONG_MAX, 43), each.writeInt16BE(0, 51), each.writeInt32BE(0, 53)))
  writeFileSync(file, batch)
  const { admin } = await start({ folder })
  const { error, producerId } = await admin.initProducer(null)
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

test.each([3_600_000, 0, -1])('a transaction may not stay open for %i ms', async (timeout) => {
  const { admin } = await start()
  expect(await admin.initProducer('tx', timeout)).toMatchObject({ error: INVALID_TRANSACTION_TIMEOUT })
  expect(await admin.initProducer('tx', 900_000)).toMatchObject({ error: 0 })
})
