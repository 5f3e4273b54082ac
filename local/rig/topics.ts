import { setTimeout } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'

const PARTITIONS = 3
const KNOWN = 10_000 // ms
const USABLE = 180_000 // ms: real nodes that were killed look through their logs first, and a busy machine takes two minutes for all of them
const RETRY = 50 // ms
const REQUEST = 3_000 // ms: a node that has just come may be slow

export const client = (brokers: string[]) =>
  new Kafka({
    clientId: 'chaos',
    brokers,
    logLevel: logLevel.NOTHING,
    requestTimeout: REQUEST,
    connectionTimeout: REQUEST,
  })

export async function administer<T>(brokers: string[], work: (admin: Admin) => Promise<T>) {
  const admin = client(brokers).admin({ retry: { retries: 8, maxRetryTime: 1_000 } })
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
    await inTime(KNOWN, async () => {
      await admin.fetchTopicMetadata({ topics: names })
      for (const name of names) await admin.fetchTopicOffsets(name) // a broker may tell of a leader that it is not yet
    })
  })

export const deleteTopics = (brokers: string[], names: string[]) =>
  administer(brokers, (admin) => admin.deleteTopics({ topics: names }))

/** The brokers as they are told to clients. */
export const clusterOf = (brokers: string[]) =>
  administer(brokers, async (admin) => (await admin.describeCluster()).brokers)

/** Each partition with its leader, the nodes that are to hold it, and those that do. */
export const partitionsOf = (brokers: string[], names: string[]) =>
  administer(brokers, async (admin) =>
    (await admin.fetchTopicMetadata({ topics: names })).topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionId: partition, leader, replicas, isr }) => ({
        topic,
        partition,
        leader,
        replicas,
        isr,
      })),
    ),
  )

/**
 * Resolves when each node knows a leader of each partition that all its replicas follow, and the leaders answer. Throws
 * if they never do.
 */
export const whenUsable = (nodes: string[], names: string[]) =>
  inTime(USABLE, async () => {
    for (const node of nodes) {
      for (const { topic, partition, leader, replicas, isr } of await partitionsOf([node], names))
        if (leader < 0 || isr.length < replicas.length)
          throw new Error(`${topic} ${partition} has leader ${leader}, in sync are ${isr.join()}`)
    }
    await administer(nodes, async (admin) => {
      for (const name of names) await admin.fetchTopicOffsets(name)
    })
  })

/** Tries until it succeeds, and throws what it threw last if it does not in time. */
export async function inTime<T>(ms: number, attempt: () => Promise<T>) {
  for (const end = Date.now() + ms; ; await setTimeout(RETRY)) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}
