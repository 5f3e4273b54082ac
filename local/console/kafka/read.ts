// The records, read as they come. KafkaJS reads only in a group, so the console is a group of its own while a page
// looks: one for all pages, which commits nothing, is shown as what it is, and is removed at the end.

import { randomUUID } from 'node:crypto'
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs'
import { pause } from '../watch.ts'
import type { Ring, SeenRecord } from './ring.ts'

/** Where a partition begins and ends at the moment. */
type Ends = { topic: string; partition: number; low: number; high: number }

const BACK = 200 // records of each partition from before the page was opened
const RETRY = 1_000 // ms
const SETTINGS = {
  sessionTimeout: 10_000,
  heartbeatInterval: 1_000,
  maxWaitTimeInMs: 200,
  maxBytesPerPartition: 262_144, // a bigger record comes alone (KIP-74)
  allowAutoTopicCreation: false,
}

/**
 * Reads all partitions that `ends` names, whenever there are others anew, into the ring.
 * `stop` resolves when the group is gone, as far as Kafka answers.
 */
export function readRecords(kafka: Kafka, ring: Ring) {
  const groupId = `console-${randomUUID().slice(0, 8)}`
  let wanted: Ends[] = []
  let consumer: Consumer | undefined
  let stopping = new AbortController()
  let running: Promise<void> | undefined
  let again = new AbortController()
  let read = ''

  const nameOf = (ends: Ends[]) =>
    [...new Set(ends.map(({ topic, partition }) => `${topic}:${partition}`))].sort().join()

  async function run(signal: AbortSignal) {
    while (!signal.aborted) {
      again = new AbortController()
      const starts = wanted
      read = nameOf(starts)
      try {
        if (starts.length) {
          consumer = kafka.consumer({
            groupId,
            ...SETTINGS,
            retry: { retries: 2, restartOnFailure: async () => false },
          })
          const crashed = new Promise<void>((resolve) => consumer?.on('consumer.crash', () => resolve()))
          await open(consumer, starts)
          await Promise.race([crashed, aborted(signal), aborted(again.signal)])
        } else await Promise.race([aborted(signal), aborted(again.signal)])
      } catch {
        // Kafka is away: what is wrong is said by who looks at its groups.
      }
      await consumer?.disconnect().catch(() => {})
      consumer = undefined
      if (!again.signal.aborted) await pause(RETRY, signal)
    }
  }

  async function open(consumer: Consumer, starts: Ends[]) {
    await consumer.connect()
    await consumer.subscribe({ topics: [...new Set(starts.map(({ topic }) => topic))] })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        const readAt = Date.now()
        const end = starts.find((each) => each.topic === topic && each.partition === partition)?.high ?? 0
        for (const message of messages) ring.take(readMessage({ topic, partition, readAt }, message, end))
      },
    })
    for (const { topic, partition, low, high } of starts) {
      const offset = Math.max(low, high - BACK, Math.min(ring.next(topic, partition) ?? 0, high))
      consumer.seek({ topic, partition, offset: String(offset) })
    }
  }

  return {
    groupId,
    /** What there is to read now. */
    want(ends: Ends[]) {
      wanted = ends
      if (nameOf(ends) !== read) again.abort()
    },
    /** Reads anew from what is in the ring. */
    again: () => again.abort(),
    start() {
      stopping = new AbortController()
      running = run(stopping.signal)
    },
    async stop() {
      stopping.abort()
      await running
      await removeGroup(kafka, groupId)
    },
  }
}

async function removeGroup(kafka: Kafka, groupId: string) {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.deleteGroups([groupId])
  } catch {
    // Kafka is away, or has forgotten the group already, which had committed nothing.
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

export function readMessage(
  where: Pick<SeenRecord, 'topic' | 'partition' | 'readAt'>,
  { offset, timestamp, key, value, headers = {} }: KafkaMessage,
  end: number,
): SeenRecord {
  const list = Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((each): [string, Buffer | null] => [
      name,
      each === undefined || each === null ? null : Buffer.from(each),
    ]),
  )
  const at = Number(offset)
  return {
    ...where,
    offset: at,
    timestamp: Number(timestamp),
    key,
    value,
    size: value?.length ?? 0,
    headers: list,
    live: at >= end,
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
