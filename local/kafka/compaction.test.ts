// Compaction as a client sees it, of a broker that looks for work all the time.

import { CompressionTypes } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { placeAt } from './batch.ts'
import { connectProducer, startBroker, subscribe, until } from './fixtures.ts'
import { openRaw } from './raw-requests.ts'

const BASE = 1_700_000_000_000

async function startCompacted() {
  const { client, brokers } = await startBroker({ partitions: 1, cleanerBackoff: 10 })
  const admin = client.admin()
  onTestFinished(() => admin.disconnect())
  const settings = { 'cleanup.policy': 'compact', 'segment.ms': '10', 'min.cleanable.dirty.ratio': '0.01' }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ topics: [{ topic: 'orders', configEntries }] })
  const raw = await openRaw(brokers[0] ?? '')
  /** The offsets at which the batches begin that are left. */
  const left = async () => {
    const { records } = await raw.fetch('orders', 0)
    const offsets: number[] = []
    for (let at = 0, place; records && (place = placeAt(records, at)); at += place.size) offsets.push(place.offset)
    return offsets
  }
  return { client, admin, raw, left }
}

test.each([
  ['one by one', CompressionTypes.None, false],
  ['compressed', CompressionTypes.GZIP, false],
  ['by an idempotent producer', CompressionTypes.None, true],
])('a consumer gets the latest value of each key, in order, that was sent %s', async (_, compression, idempotent) => {
  const { client, admin, raw, left } = await startCompacted()
  const producer = client.producer({ idempotent, maxInFlightRequests: 1 })
  onTestFinished(() => producer.disconnect())
  await producer.connect()
  const send = (round: number) =>
    producer.send({
      topic: 'orders',
      compression,
      messages: ['a', 'b', 'c'].map((key) => ({ key, value: `${round}`, timestamp: `${BASE + 100 * round}` })),
    })
  for (let round = 0; round < 20; round++) await send(round)
  await expect.poll(async () => (await left())[0]).toBe(18 * 3)
  const { received } = await subscribe(client, { topic: 'orders', groupId: 'readers' })
  await until(() => received.length >= 6)
  const values = received.map(({ message: { offset, key, value } }) => [
    Number(offset),
    `${String(key)}=${String(value)}`,
  ])
  const wanted = [18, 19].flatMap((round) => ['a', 'b', 'c'].map((key, n) => [3 * round + n, `${key}=${round}`]))
  expect(values).toEqual(wanted)
  expect(await admin.fetchTopicOffsets('orders')).toMatchObject([{ low: '0', high: '60' }])
  expect(await raw.listOffsets('orders', 0, { timestamp: BASE })).toMatchObject({ offset: 54, timestamp: BASE + 1800 })
  await send(20)
  await until(() => received.length >= 9)
  expect(received.at(-1)?.message.offset).toBe('62')
})

test('a consumer of committed records goes past transactions of which only the markers are left', async () => {
  const { client, left } = await startCompacted()
  // Later than the markers, whose time is now: each record begins a segment, and no marker does.
  const base = Date.now() + 600_000
  const producer = await connectProducer(client, { transactionalId: 'tx' })
  for (let round = 0; round < 10; round++) {
    const transaction = await producer.transaction()
    const messages = [{ key: 'a', value: `${round}`, timestamp: `${base + 100 * round}` }]
    await transaction.send({ topic: 'orders', messages })
    await (round % 2 ? transaction.abort() : transaction.commit())
  }
  const other = await connectProducer(client)
  for (const round of [20, 30, 40])
    await other.send({ topic: 'orders', messages: [{ key: 'z', value: 'last', timestamp: `${base + 100 * round}` }] })
  await expect.poll(left).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19, 21])
  const { received } = await subscribe(client, { topic: 'orders', groupId: 'readers' })
  await until(() => received.at(-1)?.message.offset === '22')
  const values = received.map(({ message: { key, value } }) => `${String(key)}=${String(value)}`)
  expect(values.filter((value) => !value.startsWith('z'))).toEqual(['a=8'])
})
