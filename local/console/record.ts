// One record with all that it has, for the page: null, empty and text are three things, and bytes that are no text are
// shown as bytes.

import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { readMessage } from './kafka/read.ts'
import type { SeenRecord } from './kafka/ring.ts'

export type Content =
  | { kind: 'null' }
  | { kind: 'empty' }
  /** `text` is the beginning of what is bigger than TEXT_BYTES. */
  | { kind: 'text'; text: string; size: number; whole: boolean }
  | { kind: 'bytes'; hex: string; size: number; whole: boolean }

export type RecordDetail = {
  topic: string
  partition: number
  offset: number
  timestamp: number
  /** When the console has read it; null where it was there before it looked. */
  readAt: number | null
  key: Content
  keyBytes: number[]
  value: Content
  headers: { name: string; value: Content }[]
}

/** Bytes of a value that the page gets; the whole is for download. */
const TEXT_BYTES = 65_536
const HEX_BYTES = 256
const KEY_BYTES = 256

export const describeRecord = ({
  topic,
  partition,
  offset,
  timestamp,
  readAt,
  live,
  key,
  value,
  headers,
}: SeenRecord): RecordDetail => ({
  topic,
  partition,
  offset,
  timestamp,
  readAt: live ? readAt : null,
  key: contentOf(key),
  keyBytes: [...(key ?? [])].slice(0, KEY_BYTES),
  value: contentOf(value),
  headers: headers.slice(0, 100).map(([name, value]) => ({ name, value: contentOf(value) })),
})

export function contentOf(bytes: Buffer | null): Content {
  if (bytes === null) return { kind: 'null' }
  const size = bytes.length
  if (!size) return { kind: 'empty' }
  const text = textOf(bytes.subarray(0, TEXT_BYTES), size > TEXT_BYTES)
  if (text !== undefined) return { kind: 'text', text, size, whole: size <= TEXT_BYTES }
  return { kind: 'bytes', hex: bytes.subarray(0, HEX_BYTES).toString('hex'), size, whole: size <= HEX_BYTES }
}

/** undefined for what is no UTF-8. A beginning may end within a character. */
function textOf(bytes: Buffer, isBeginning: boolean) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isBeginning })
  } catch {
    return undefined
  }
}

const WAIT = 15_000 // ms: on real Kafka a new group may wait 3 s for others to join

/**
 * Reads one record anew, whole. undefined where it is not there, or no more. It takes a group of its own, for a moment.
 */
export async function readOne(
  kafka: Kafka,
  { topic, partition, offset }: Pick<SeenRecord, 'topic' | 'partition' | 'offset'>,
) {
  const groupId = `console-${randomUUID().slice(0, 8)}`
  const admin = kafka.admin()
  await admin.connect()
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  try {
    if (!(await admin.listTopics()).includes(topic)) return undefined
    const ends = (await admin.fetchTopicOffsets(topic)).find((each) => each.partition === partition)
    if (!ends || offset < Number(ends.low) || offset >= Number(ends.high)) return undefined
    await consumer.connect()
    await consumer.subscribe({ topic })
    const { promise: found, resolve } = Promise.withResolvers<SeenRecord | undefined>()
    const timer = setTimeout(() => resolve(undefined), WAIT)
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        if (batch.partition !== partition) return
        const message = batch.messages.find((each) => Number(each.offset) >= offset)
        if (message)
          resolve(
            Number(message.offset) === offset
              ? readMessage({ topic, partition, readAt: 0 }, message, Infinity)
              : undefined,
          )
      },
    })
    consumer.seek({ topic, partition, offset: String(offset) })
    const record = await found
    clearTimeout(timer)
    return record
  } finally {
    await consumer.disconnect().catch(() => {})
    await admin.deleteGroups([groupId]).catch(() => {}) // there is none where nothing was read
    await admin.disconnect()
  }
}
