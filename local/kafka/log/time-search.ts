// Where a time lies in a log: the segment and the batch by the indexes and the headers, then the record inside of that
// one batch, which alone is decompressed (KIP-79, KIP-734).

import { type BatchHeader, batchHeader } from '../batch.ts'
import { recordsOf } from './records.ts'
import { batchesFrom, positionOf, type Segment } from './segment.ts'
import { lastBefore } from './sparse-index.ts'

export type Found = { offset: number; timestamp: number; leaderEpoch?: number }

/** The first record from `start` on whose time is `timestamp` or later. */
export function recordAfter(segments: Segment[], timestamp: number, start: number): Found | undefined {
  for (const segment of segments) {
    if (segment.next <= start || segment.latest.timestamp < timestamp) continue
    const before = lastBefore(segment.times, (entry) => entry.timestamp <= timestamp)
    const from = positionOf(segment, Math.max(before?.offset ?? 0, start, segment.base))
    const found = batchFrom(segment, from, (header) => header.maxTimestamp >= timestamp && lastOf(header) >= start)
    if (!found) continue
    const { header, data } = found
    const record = recordsOf(data, header)?.find((each) => each.timestamp >= timestamp && each.offset >= start)
    if (record) return { offset: record.offset, timestamp: record.timestamp }
    return { offset: Math.max(header.offset, start), timestamp: header.maxTimestamp }
  }
}

/** The first record with the latest time of all. */
export function latestRecord(segments: Segment[]): Found | undefined {
  const latest = (segment: Segment) => segment.latest.timestamp
  const [first, ...others] = segments.filter(({ next, base }) => next > base)
  if (!first) return
  const segment = others.reduce((best, each) => (latest(each) > latest(best) ? each : best), first)
  const wanted = segment.latest
  const found = batchFrom(segment, positionOf(segment, wanted.offset), () => true)
  if (!found) return
  const record = recordsOf(found.data, found.header)?.find(({ timestamp }) => timestamp === wanted.timestamp)
  return record ? { offset: record.offset, timestamp: record.timestamp } : wanted
}

const lastOf = ({ offset, lastOffsetDelta }: BatchHeader) => offset + lastOffsetDelta

function batchFrom(segment: Segment, from: number, wanted: (header: BatchHeader) => boolean) {
  for (const { position, size, data } of batchesFrom(segment, from)) {
    const header = batchHeader(data, false)
    if (header && wanted(header)) return { header, data: segment.bytes.read(position, size) }
  }
}
