// Topics that a broker makes smaller while it is killed: one is compacted, of the other the oldest records go. The time of
// each record is its number, so that a tombstone has one, too.

import type { Kafka } from 'kafkajs'
import { batchHeader, placeAt } from './batch.ts'
import { createPartitioner, impatient, persist, type Stop } from './kill-workloads.ts'
import { recordsOf, type StoredRecord } from './log/records.ts'
import { openRaw } from './raw-requests.ts'

const KEYS = 20
const TOMBSTONE = 7 // each so many records there is one
const BASE = Date.now()

const shrinking = (topic: string, settings: Record<string, string>) => ({
  topic,
  configEntries: Object.entries({ 'segment.ms': '20', ...settings }).map(([name, value]) => ({ name, value })),
})
export const topicsThatShrink = [
  shrinking('keyed', { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.1', 'delete.retention.ms': '50' }),
  shrinking('retained', { 'retention.bytes': '10000' }),
]

/** Sends numbers one after the other; each that fails is left out by the next try, though it may be there. */
async function produceNumbers(
  client: Kafka,
  stop: Stop,
  topic: string,
  message: (n: number) => { key: string | null; value: string | null },
  acknowledge: (n: number) => void,
) {
  let next = 0
  await persist(stop, async () => {
    const producer = client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1, retry: impatient })
    try {
      await producer.connect()
      while (!stop.stopped) {
        const n = next++
        await producer.send({ topic, messages: [{ ...message(n), timestamp: `${BASE + n}` }] })
        acknowledge(n)
      }
    } finally {
      await producer.disconnect()
    }
  })
}

export function produceKeyed(client: Kafka) {
  const acknowledged = new Map<string, number>() // the last number of each key
  let count = 0
  const keyOf = (n: number) => `${(n * n) % KEYS}`
  const message = (n: number) => ({ key: keyOf(n), value: n % TOMBSTONE ? `${n}` : null })
  const acknowledge = (n: number) => {
    acknowledged.set(keyOf(n), n)
    count++
  }
  return {
    acknowledged,
    count: () => count,
    run: (stop: Stop) => produceNumbers(client, stop, 'keyed', message, acknowledge),
  }
}

export function produceRetained(client: Kafka) {
  const acknowledged: number[] = []
  const message = (n: number) => ({ key: null, value: `${n}`.padEnd(500) })
  return {
    acknowledged,
    run: (stop: Stop) => produceNumbers(client, stop, 'retained', message, (n) => acknowledged.push(n)),
  }
}

/** All records of the one partition of a topic. */
async function recordsIn(broker: string, topic: string) {
  const raw = await openRaw(broker)
  const { offset: first } = await raw.listOffsets(topic, 0, { timestamp: -2 })
  const found: StoredRecord[] = []
  for (let next = first; ;) {
    const { records } = await raw.fetch(topic, 0, { offset: next })
    if (!records?.length) return { first, records: found }
    for (let at = 0; at < records.length;) {
      const place = placeAt(records, at)
      const data = records.subarray(at, (at += place?.size ?? records.length))
      const header = batchHeader(data)
      if (header) found.push(...(recordsOf(data, header) ?? []))
      next = (place?.last ?? next) + 1
    }
  }
}

/** Which keys have lost their last number or have it no longer at the end, and how much is left in all. */
export async function readKeyed(broker: string, acknowledged: [string, number][]) {
  const { records } = await recordsIn(broker, 'keyed')
  const numbers = records.map(({ timestamp }) => timestamp - BASE)
  const last = new Map(records.map(({ key, timestamp }) => [String(key), timestamp - BASE]))
  // A tombstone may be gone, and then all of its key is.
  const isThere = ([key, n]: [string, number]) => (last.get(key) ?? (n % TOMBSTONE ? -1 : n)) >= n
  return {
    left: records.length,
    lost: acknowledged.filter((each) => !isThere(each)),
    disordered: numbers.filter((n, i) => n <= (numbers[i - 1] ?? -1)),
  }
}

/** What is missing of the numbers from the first on that is still there, and which of them are out of order. */
export async function readRetained(broker: string, acknowledged: number[]) {
  const { first, records } = await recordsIn(broker, 'retained')
  const numbers = records.map(({ timestamp }) => timestamp - BASE)
  const [oldest = Infinity] = numbers
  return {
    first,
    left: numbers.length,
    lost: acknowledged.filter((n) => n >= oldest && !numbers.includes(n)),
    disordered: numbers.filter((n, i) => n <= (numbers[i - 1] ?? -1)),
  }
}
