import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, produce, startBroker } from '../fixtures.ts'
import { ListOffsets } from '../protocol/records.ts'

test.each([
  ['the end', -1, { error: 0, offset: 1 }],
  ['the start of what is kept here', -4, { error: 0, offset: 0 }],
  ['the end of what is tiered', -5, { error: 0, offset: -1, timestamp: -1, leaderEpoch: -1 }],
  ['the first that waits to be tiered', -6, { error: 0, offset: -1, timestamp: -1, leaderEpoch: -1 }],
  ['what nobody knows', -7, { error: new KafkaError('UNSUPPORTED_VERSION').code, offset: -1 }],
])('who asks for %s (%i) is answered as by Apache Kafka without tiered storage', async (_, timestamp, answer) => {
  const { brokers, client } = await startBroker()
  await produce(client, 'orders', { value: 'a', partition: 0 })
  const ask = await openClient(brokers)
  const topics = [{ name: 'orders', partitions: [{ index: 0, timestamp }] }]
  const listed = await ask(ListOffsets, 11, { replicaId: -1, topics })
  expect(listed.topics[0]?.partitions).toMatchObject([answer])
})
