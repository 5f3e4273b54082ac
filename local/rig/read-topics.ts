import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { administer, client, inTime } from './topics.ts'

export type TopicRecord = {
  topic: string
  partition: number
  offset: number
  timestamp: number
  key: string
  value: string
  headers: Record<string, string>
}

const STALLED = 30_000 // ms without another record after which nobody waits any more
const LOOK = 50 // ms

/**
 * All records up to the present ends of the topics, each partition in its order. A leader that moves meanwhile is
 * followed.
 */
export async function readTopics(brokers: string[], names: string[]): Promise<TopicRecord[]> {
  const ends = await inTime(STALLED, () => endsOf(brokers, names)) // leaders may be moving back after a restart
  const next = new Map<string, number>() // the offset that each partition is read to: a consumer may get some of it again
  const records: TopicRecord[] = []
  let cameAt = Date.now()

  const groupId = `chaos-${randomUUID()}`
  const consumer = client(brokers).consumer({
    groupId,
    maxWaitTimeInMs: 100,
    retry: { retries: 20, maxRetryTime: 1_000 },
  })
  const isRead = () => [...ends].every(([name, end]) => (next.get(name) ?? 0) >= end)
  try {
    if (!isRead()) {
      await consumer.connect()
      await consumer.subscribe({ topics: names, fromBeginning: true })
      await consumer.run({
        eachMessage: async ({ topic, partition, message }) => {
          const name = `${topic} ${partition}`
          const offset = Number(message.offset)
          if (offset < (next.get(name) ?? 0)) return
          next.set(name, offset + 1)
          cameAt = Date.now()
          records.push({ topic, partition, offset, ...readMessage(message) })
        },
      })
    }
    for (; !isRead(); await setTimeout(LOOK))
      if (Date.now() > cameAt + STALLED) throw new Error('The topics could not be read to their ends in time')
  } finally {
    await consumer.disconnect()
    await administer(brokers, (admin) => admin.deleteGroups([groupId])).catch(() => {}) // there is none where nothing was read
  }
  return records
}

type Message = Pick<import('kafkajs').KafkaMessage, 'timestamp' | 'key' | 'value' | 'headers'>

function readMessage({ timestamp, key, value, headers = {} }: Message) {
  const text = Object.entries(headers).map(([name, header]) => [name, String(header)] as const)
  return { timestamp: Number(timestamp), key: String(key), value: String(value), headers: Object.fromEntries(text) }
}

/** The end of each partition. */
const endsOf = (brokers: string[], names: string[]) =>
  administer(brokers, async (admin) => {
    const ends = new Map<string, number>()
    for (const topic of names)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        ends.set(`${topic} ${partition}`, Number(high))
    return ends
  })

/** How many events a topic has: a publisher may send one again, whose broker is long in answering. */
export async function countEvents(brokers: string[], topic: string) {
  const records = await readTopics(brokers, [topic])
  return new Set(records.map(({ headers }) => headers.ce_id)).size
}
