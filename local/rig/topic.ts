import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import type { TopicRecord } from './read-topics.ts'
import { createTopics } from './topics.ts'

type ReadRecord = Omit<TopicRecord, 'topic'>
export type Topic = Awaited<ReturnType<typeof openTopic>>

/**
 * Makes a topic of 3 partitions and reads it from its beginning, with a consumer of the KafkaJS kind that an
 * application would use.
 */
export async function openTopic(brokers: string[], name: string) {
  const kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(brokers, [name])

  const records: ReadRecord[] = []
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic: name, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message: { offset, timestamp, key, value, headers = {} } }) => {
      const text = Object.entries(headers).map(([name, header]) => [name, String(header)] as const)
      records.push({
        partition,
        offset: Number(offset),
        timestamp: Number(timestamp),
        key: String(key),
        value: String(value),
        headers: Object.fromEntries(text),
      })
    },
  })
  const close = async () => {
    await consumer.disconnect()
    await admin.deleteTopics({ topics: [name] })
    await admin.disconnect()
  }
  return { records, close, [Symbol.asyncDispose]: close }
}
