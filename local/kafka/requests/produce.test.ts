import { onTestFinished, expect, test } from 'vitest'
import { gzipSync } from 'node:zlib'
import { seal, withRecords } from '../batch.ts'
import { KafkaError } from '../errors.ts'
import { openClient, recordBatch, startBroker } from '../fixtures.ts'
import { keyedBatch } from '../log/keyed-batches.ts'
import { Produce } from '../protocol/records.ts'
import { openRaw } from '../raw-requests.ts'

const HOUR = 3_600_000

/** A topic with these settings, and what a broker answers to a batch that is sent to it. */
async function startTopic(settings: Record<string, string>) {
  const { client, brokers } = await startBroker({ partitions: 1 })
  const admin = client.admin()
  onTestFinished(() => admin.disconnect())
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ topics: [{ topic: 'orders', configEntries }] })
  const ask = await openClient(brokers)
  const send = async (batch: Buffer, version = 8) => {
    const topics = [{ name: 'orders', partitions: [{ index: 0, records: [batch] }] }]
    const { topics: answers } = await ask(Produce, version, { transactionalId: null, acks: -1, timeout: 5000, topics })
    return answers[0]?.partitions[0]
  }
  return { send, raw: await openRaw(brokers[0] ?? '') }
}
const refusal = (
  name: ConstructorParameters<typeof KafkaError>[0],
  message: string | null,
  ...errors: [number, string][]
) => ({
  error: new KafkaError(name).code,
  baseOffset: -1,
  message,
  recordErrors: errors.map(([index, text]) => ({ index, message: text })),
})
const NO_KEY = 'Compacted topic cannot accept message without key in topic partition orders-0'

test.each([0, 1])('each record without a key is told where the topic is compacted, under codec %i', async (codec) => {
  const { send, raw } = await startTopic({ 'cleanup.policy': 'compact,delete' })
  const now = Date.now()
  const batch = keyedBatch([['a', 'x', now], [null, 'x', now], [null, 'y', now]], { codec }) // prettier-ignore
  const shown = [1, 2].map((n) => `RecordError(batchIndex=${n}, message='${NO_KEY}')`).join(', ')
  const message = `One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: [${shown}]`
  expect(await send(batch)).toMatchObject(refusal('INVALID_RECORD', message, [1, NO_KEY], [2, NO_KEY]))
  expect(await send(batch, 7)).toMatchObject({ error: new KafkaError('INVALID_RECORD').code })
  expect(await send(keyedBatch([['a', 'x', now]]))).toMatchObject({
    error: 0,
    baseOffset: 0,
    message: null,
    recordErrors: [],
  })
  expect((await raw.fetch('orders', 0)).highWatermark).toBe(1)
})

test('a record without a key is taken where the topic is not compacted', async () => {
  const { send } = await startTopic({})
  expect(await send(keyedBatch([[null, 'x', Date.now()]]))).toMatchObject({ error: 0, baseOffset: 0 })
})

test.each([
  ['too far ahead', {}, [0, 2 * HOUR]],
  ['too far behind', { 'message.timestamp.before.max.ms': `${HOUR}` }, [0, -2 * HOUR]],
  ['too far behind, between others', { 'message.timestamp.before.max.ms': `${HOUR}` }, [0, -2 * HOUR, 0]],
])('a time that is %s is told', async (_, settings, times) => {
  const { send, raw } = await startTopic(settings)
  const now = Date.now()
  const answer = await send(keyedBatch(times.map((time) => [null, 'x', now + time])))
  const message = expect.stringMatching(
    new RegExp(
      `^Timestamp ${now + (times[1] ?? 0)} of message with offset 1 is out of range. The timestamp should be within \\[-?\\d+, \\d+\\]$`,
    ),
  )
  expect(answer).toMatchObject({
    ...refusal('INVALID_TIMESTAMP', 'One or more records have been rejected due to invalid timestamp'),
    recordErrors: [{ index: 1, message }],
  })
  expect((await raw.fetch('orders', 0)).highWatermark).toBe(0)
  expect(await send(keyedBatch(times.map(() => [null, 'x', now])))).toMatchObject({ error: 0 })
})

test('a topic with LogAppendTime takes any time, but none that a producer calls the time of the append', async () => {
  const { send } = await startTopic({ 'message.timestamp.type': 'LogAppendTime' })
  expect(await send(keyedBatch([[null, 'x', Date.now() + 2 * HOUR]]))).toMatchObject({ error: 0 })
  const stamped = keyedBatch([['a', 'xy', 1000]])
  stamped.writeInt16BE(8, 21)
  const error =
    'Invalid timestamp type in message DefaultRecord(offset=0, timestamp=1000, key=1 bytes, value=2 bytes). Producer should not set timestamp type to LogAppendTime.'
  const text = 'One or more records have been rejected due to invalid timestamp'
  expect(await send(seal(stamped))).toMatchObject(refusal('INVALID_TIMESTAMP', text, [0, error]))
})

test.each<[string, Record<string, string>, (batch: Buffer) => Buffer, ConstructorParameters<typeof KafkaError>[0]]>([
  ['is damaged', {}, (batch) => (batch.writeUInt8(batch.readUInt8(70) ^ 1, 70), batch), 'CORRUPT_MESSAGE'],
  [
    'is too large, damaged or not',
    { 'max.message.bytes': '70' },
    (batch) => (batch.writeUInt8(9, 70), batch),
    'MESSAGE_TOO_LARGE',
  ],
  ['begins with another offset than 0', {}, (batch) => (batch.writeBigInt64BE(5n), batch), 'INVALID_RECORD'],
  ['has more offsets than records', {}, (batch) => (batch.writeInt32BE(1, 23), seal(batch)), 'INVALID_RECORD'],
  ['has a producer and no sequence', {}, (batch) => (batch.writeBigInt64BE(5n, 43), seal(batch)), 'INVALID_RECORD'],
  [
    'has records that cannot be read, where the topic is compacted',
    { 'cleanup.policy': 'compact' },
    (batch) => withRecords(batch, gzipSync('nonsense'), { count: 1, codec: 1 }),
    'INVALID_RECORD',
  ],
  [
    'is larger than a segment',
    { 'max.message.bytes': '2000000', 'segment.bytes': '1048576' },
    () => keyedBatch([['a', 'x'.repeat(1_100_000)]]),
    'RECORD_LIST_TOO_LARGE',
  ],
])('a batch that %s is refused', async (_, settings, change, name) => {
  const { send } = await startTopic(settings)
  expect(await send(change(recordBatch(Date.now())))).toMatchObject(refusal(name, null))
  expect(await send(keyedBatch([['a', '']]))).toMatchObject({ error: 0, baseOffset: 0 })
})

test('a batch has the time of its latest record, whatever its header says', async () => {
  const { send, raw } = await startTopic({ 'cleanup.policy': 'compact' })
  const batch = keyedBatch([['a', 'x', 1000], ['b', 'x', 3000]]) // prettier-ignore
  batch.writeBigInt64BE(2000n, 35)
  expect(await send(seal(batch))).toMatchObject({ error: 0 })
  expect(await raw.listOffsets('orders', 0, { timestamp: -3 })).toMatchObject({ offset: 1, timestamp: 3000 })
})
