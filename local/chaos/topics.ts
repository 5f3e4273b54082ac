import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'

export type TopicRecord = {
  topic: string
  partition: number
  offset: number
  timestamp: number
  key: string
  value: string
  headers: Record<string, string>
}

const PARTITIONS = 3
const KNOWN = 10_000 // ms
const RETRY = 50 // ms
const READ = 30_000 // ms

const client = (brokers: string[]) => new Kafka({ clientId: 'chaos', brokers, logLevel: logLevel.NOTHING })

async function administer<T>(brokers: string[], work: (admin: Admin) => Promise<T>) {
  const admin = client(brokers).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Resolves when the topics can be written. */
export const createTopics = (brokers: string[], names: string[]) =>
  administer(brokers, async (admin) => {
    const topics = names.map((topic) => ({ topic, numPartitions: PARTITIONS }))
    await admin.createTopics({ topics, waitForLeaders: false }) // its own waiting fails where the broker does not know the topic yet
    for (const end = Date.now() + KNOWN; ; await setTimeout(RETRY)) {
      try {
        await admin.fetchTopicMetadata({ topics: names })
        for (const name of names) await admin.fetchTopicOffsets(name) // a broker may tell of a leader that it is not yet
        return
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  })

export const deleteTopics = (brokers: string[], names: string[]) => administer(brokers, (admin) => admin.deleteTopics({ topics: names }))

/** The brokers as they are told to clients. */
export const clusterOf = (brokers: string[]) => administer(brokers, async (admin) => (await admin.describeCluster()).brokers)

/** All records up to the present ends of the topics, each partition in its order. */
export async function readTopics(brokers: string[], names: string[]): Promise<TopicRecord[]> {
  const left = new Map<string, number>() // the end of each partition that has something to read
  await administer(brokers, async (admin) => {
    for (const topic of names)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high)) left.set(`${topic} ${partition}`, Number(high))
  })
  const records: TopicRecord[] = []
  if (!left.size) return records
  const groupId = `chaos-${randomUUID()}`
  const done = Promise.withResolvers<void>()
  const deadline = new AbortController()
  const late = setTimeout(READ, true, { signal: deadline.signal }).catch(() => false)
  const consumer = client(brokers).consumer({ groupId, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topics: names, fromBeginning: true })
  try {
    await consumer.run({
      eachMessage: async ({ topic, partition, message: { offset, timestamp, key, value, headers = {} } }) => {
        const text = Object.entries(headers).map(([name, header]) => [name, String(header)] as const)
        records.push({
          topic,
          partition,
          offset: Number(offset),
          timestamp: Number(timestamp),
          key: String(key),
          value: String(value),
          headers: Object.fromEntries(text),
        })
        const name = `${topic} ${partition}`
        if (Number(offset) + 1 >= (left.get(name) ?? Infinity)) left.delete(name)
        if (!left.size) done.resolve()
      },
    })
    if (await Promise.race([done.promise, late])) throw new Error('The topics could not be read to their ends in time')
  } finally {
    deadline.abort()
    await consumer.disconnect()
    await administer(brokers, (admin) => admin.deleteGroups([groupId]))
  }
  return records
}
