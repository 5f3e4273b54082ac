// What clients ask for at once while the broker is killed again and again, and what each of them was told.

import { setTimeout } from 'node:timers/promises'
import { type Kafka, Partitioners } from 'kafkajs'
import { openClient } from './fixtures.ts'
import { OffsetCommit } from './protocol/committed-offsets.ts'

export type Stop = { stopped: boolean }
export const createPartitioner = Partitioners.DefaultPartitioner
export const impatient = { initialRetryTime: 10, retries: 1 } // with less there is no idempotent producer

/** One idempotent producer through all kills, which sends again what was not acknowledged. */
export async function produceIdempotent(client: Kafka, stop: Stop) {
  const producer = client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  let sent = 0
  for (; !stop.stopped; sent++) await producer.send({ topic: 'idempotent', messages: [{ value: `${sent}` }] })
  await producer.disconnect()
  return sent
}

/** Runs `work` again and again; one that a kill ends begins anew. */
export async function persist(stop: Stop, work: () => Promise<void>) {
  while (!stop.stopped) {
    try {
      await work()
    } catch {
      await setTimeout(20)
    }
  }
}

/** Short-lived producers, each idempotent in a name of its own. */
export async function produceAnew(client: Kafka, stop: Stop) {
  const acknowledged: string[] = []
  let next = 0
  await persist(stop, async () => {
    const producer = client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1, retry: impatient })
    try {
      await producer.connect()
      for (let n = 0; n < 5 && !stop.stopped; n++) {
        const value = `${next++}`
        await producer.send({ topic: 'anew', messages: [{ value }] })
        acknowledged.push(value)
      }
    } finally {
      await producer.disconnect()
    }
  })
  return acknowledged
}

export const offsetOf = async (client: Kafka, groupId: string, topic: string) => {
  const admin = client.admin()
  await admin.connect()
  try {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return Math.max(0, Number(found?.partitions[0]?.offset ?? 0))
  } finally {
    await admin.disconnect()
  }
}

/** Consume, transform, produce: the numbers from 0 on, and with them how far they have come. */
export async function transform(client: Kafka, stop: Stop) {
  await persist(stop, async () => {
    const producer = client.producer({
      createPartitioner,
      transactionalId: 'transform',
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 10, maxRetryTime: 50, retries: 3 },
    })
    try {
      await producer.connect()
      let next = await offsetOf(client, 'transform', 'input')
      for (let n = 0; !stop.stopped; n++) {
        const transaction = await producer.transaction()
        await transaction.send({ topic: 'output', messages: [{ value: `${next}` }, { value: `${next + 1}` }] })
        const topics = [{ topic: 'input', partitions: [{ partition: 0, offset: `${next + 2}` }] }]
        await transaction.sendOffsets({ consumerGroupId: 'transform', topics })
        if (n % 3 === 2) await transaction.abort()
        else {
          await transaction.commit()
          next += 2
        }
      }
    } finally {
      await producer.disconnect()
    }
  })
}

/**
 * Commits offsets, each higher than the one before, as nobody's member. KafkaJS's admin would not do: it commits by a
 * consumer, which goes on when it was given up, and may commit its offset after a higher one.
 */
export async function commitOffsets(broker: string, stop: Stop) {
  let acknowledged = 0
  let asked = 0
  await persist(stop, async () => {
    const ask = await openClient([broker])
    while (!stop.stopped) {
      const partitions = [{ index: 0, offset: ++asked, leaderEpoch: -1, metadata: null }]
      const group = { group: 'commits', generation: -1, member: '', instance: null, retention: -1 }
      const { topics } = await ask(OffsetCommit, 8, { ...group, topics: [{ name: 'input', partitions }] })
      if (topics[0]?.partitions[0]?.error === 0) acknowledged = asked
      await setTimeout(5)
    }
  })
  return { acknowledged, asked }
}

export async function changeTopics(client: Kafka, stop: Stop) {
  const there = new Set<string>()
  const gone = new Set<string>()
  let next = 0
  await persist(stop, async () => {
    const admin = client.admin({ retry: impatient })
    try {
      await admin.connect()
      while (!stop.stopped) {
        const topic = `topic-${next++}`
        await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
        there.add(topic)
        if (next % 2) continue
        there.delete(topic)
        await admin.deleteTopics({ topics: [topic] })
        gone.add(topic)
      }
    } finally {
      await admin.disconnect()
    }
  })
  return { there, gone }
}
