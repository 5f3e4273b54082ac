// For tests of logs: batches of records with keys, as producers of all kinds send them.

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { batchHeader, seal, withRecords } from '../batch.ts'
import { recordBatch } from '../fixtures.ts'
import { openCleaner } from './cleaner.ts'
import { openLog } from './log-fixtures.ts'
import type { PartitionLog } from './partition-log.ts'
import { recordsOf } from './records.ts'
import { batchesFrom } from './segment.ts'
import { varint } from './varint.ts'

type Keyed = [key: string | Buffer | null, value: string | null, timestamp?: number]
type From = { producerId?: number; epoch?: number; sequence?: number; transactional?: boolean; codec?: number }

const field = (content: string | Buffer | null) => {
  if (content === null) return varint(-1)
  const bytes = Buffer.from(content)
  return Buffer.concat([varint(bytes.length), bytes])
}
const COMPRESS: Record<number, (data: Buffer) => Buffer> = { 1: gzipSync, 2: snappyLiteral, 4: zstdCompressSync }

/** A batch as it is sent. A record without a time has the time 1000 ms. */
export function keyedBatch(records: Keyed[], { codec = 0, ...from }: From = {}) {
  const times = records.map(([, , timestamp = 1000]) => timestamp)
  const [base = 0] = times
  const encoded = records.map(([key, value], n) => {
    const rest = [varint((times[n] ?? base) - base), varint(n), field(key), field(value), varint(0)]
    const body = Buffer.concat([Buffer.alloc(1), ...rest])
    return Buffer.concat([varint(body.length), body])
  })
  const { producerId = -1, epoch = 0, sequence = 0, transactional = false } = from
  const bytes = Buffer.concat(encoded)
  const batch = withRecords(recordBatch(base), COMPRESS[codec]?.(bytes) ?? bytes, {
    count: records.length,
    codec,
    maxTimestamp: times.reduce((latest, time) => Math.max(latest, time), base),
  })
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(producerId), 43)
  batch.writeInt16BE(producerId < 0 ? -1 : epoch, 51)
  batch.writeInt32BE(producerId < 0 ? -1 : sequence, 53)
  if (transactional) batch.writeInt16BE(batch.readInt16BE(21) | 0x10, 21)
  return seal(batch)
}

export const appendKeyed = (log: PartitionLog, records: Keyed[], from: From = {}) =>
  log.append(log.check(keyedBatch(records, from), 1_000_000))

/** Each batch of a log, with its records as `offset key=value`. */
export const batchesIn = (log: PartitionLog) =>
  log.segments.flatMap((segment) =>
    [...batchesFrom(segment, 0, true)].flatMap(({ data }) => {
      const header = batchHeader(data)
      return header ? [{ header, records: recordsOf(data, header) ?? [] }] : []
    }),
  )
export const keptIn = (log: PartitionLog) =>
  batchesIn(log).flatMap(({ header, records }) =>
    records.map(({ offset, key, value }) =>
      header.attributes & 0x20 ? `${offset} marker` : `${offset} ${String(key)}=${String(value)}`,
    ),
  )

export const NOW = 1_000_000
export const DAY = 86_400_000
const COMPACT = {
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'max.compaction.lag.ms': '9223372036854775807',
  'delete.retention.ms': String(DAY),
}

/** A log whose next batch begins another segment as soon as `roll` says so. */
export function openCompacted(path: string | null, settings: Record<string, string> = {}) {
  const changing: Record<string, string> = { ...COMPACT, ...settings }
  const { log, reports, storage } = openLog(path, 0, changing)
  const cleaner = openCleaner(
    () => [log],
    (message) => reports.push(message),
  )
  /** Ends the segment with a record of its own. */
  const roll = () => {
    const { 'segment.bytes': bytes = '1000000' } = changing
    changing['segment.bytes'] = '1'
    appendKeyed(log, [[`end ${log.end}`, 'x']])
    changing['segment.bytes'] = bytes
  }
  return { log, reports, storage, roll, settings: changing, clean: (now = NOW) => cleaner.clean(now) }
}
/** The same but for the records that end segments. */
export const kept = (log: PartitionLog) => keptIn(log).filter((text) => !text.includes('end'))

/** Snappy without its frame, and without any repetition. */
function snappyLiteral(data: Buffer) {
  if (data.length > 60) throw new RangeError('a literal this long has a length of its own')
  return Buffer.concat([Buffer.from([data.length, (data.length - 1) << 2]), data])
}
