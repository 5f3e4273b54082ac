// The way to Kafka, and the topics that must be there.

import { setTimeout } from 'node:timers/promises'
import { type Admin, Kafka, type logCreator, logLevel } from 'kafkajs'
import type { PublisherConfig } from '../../lib/config.ts'
import { security } from '../../lib/kafka/connection.ts'

const KNOWN = 60_000 // ms until a new topic must be usable: a busy broker takes its time
const RETRY = 100 // ms

export const openKafka = (config: PublisherConfig, clientId: string, log?: logCreator) =>
  new Kafka({
    clientId,
    brokers: config.KAFKA_BOOTSTRAP_SERVERS,
    ...security(config),
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    ...(log && { logCreator: log }),
    connectionTimeout: 3_000,
    requestTimeout: 20_000, // a join waits until all others have joined
    retry: { retries: 8, initialRetryTime: 300, maxRetryTime: 3_000 },
  })

/** Both topics of the product. */
export const topicsOf = ({ PRODUCTS_TOPIC, PRODUCTS_CHANGED_TOPIC }: PublisherConfig) => [
  PRODUCTS_TOPIC,
  PRODUCTS_CHANGED_TOPIC,
]

/** As Kafka names them for its share groups (KIP-1191): its own names begin so, too. */
export const deadLetterTopic = (topic: string) => `dlq.${topic}`

/**
 * Makes those topics that are missing, with as many partitions as the broker gives, and their dead letter topics, with
 * as many as they have. Gives how many partitions each of all of them has.
 */
export async function createTopics(kafka: Kafka, names: string[]): Promise<Map<string, number>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const sources = await ensure(admin, new Map(names.map((name) => [name, undefined])))
    const letters = await ensure(
      admin,
      new Map([...sources].map(([name, partitions]) => [deadLetterTopic(name), partitions])),
    )
    return new Map([...sources, ...letters])
  } finally {
    await admin.disconnect()
  }
}

async function ensure(admin: Admin, wanted: Map<string, number | undefined>) {
  await createMissing(admin, wanted)
  for (const end = Date.now() + KNOWN; ; await setTimeout(RETRY)) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...wanted.keys()] })
      // A broker may tell of a leader that it is not yet.
      for (const { name } of topics) await admin.fetchTopicOffsets(name)
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
    } catch (error) {
      if (Date.now() > end) throw error
      // A broker may have listed one that was deleted. Where this fails as well, the next look says why.
      await createMissing(admin, wanted).catch(() => {})
    }
  }
}

async function createMissing(admin: Admin, wanted: Map<string, number | undefined>) {
  const known = await admin.listTopics()
  const missing = [...wanted].filter(([name]) => !known.includes(name))
  const topics = missing.map(([topic, partitions]) => ({
    topic,
    ...(partitions !== undefined && { numPartitions: partitions }),
  }))
  // KafkaJS's own waiting fails where the broker does not know the topic yet.
  if (topics.length) await admin.createTopics({ topics, waitForLeaders: false })
}

/**
 * The groups begin anew: without committed offsets they read from the beginning. Throws where members of one still run.
 */
export async function forgetOffsets(kafka: Kafka, groupIds: string[]) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const known = (await admin.listGroups()).groups
      .map(({ groupId }) => groupId)
      .filter((groupId) => groupIds.includes(groupId))
    if (!known.length) return
    const { groups } = await admin.describeGroups(known)
    const busy = groups.find(({ members }) => members.length)
    if (busy) throw new Error(`the group ${busy.groupId} has members that run: they must be stopped first`)
    await admin.deleteGroups(known)
  } finally {
    await admin.disconnect()
  }
}
