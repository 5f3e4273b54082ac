// Where a time lies in a log: the segment and the batch by the indexes and the headers, then the record inside of that
// one batch, which alone is decompressed (KIP-79, KIP-734).

import { type BatchHeader, batchHeader, lastOffsetOf } from '../batch.ts'
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
    for (const { header, data } of batchesOf(segment, from)) {
      if (!header.count || header.maxTimestamp < timestamp || lastOffsetOf(header) < start) continue
      const records = recordsOf(data(), header)
      if (!records) return { offset: Math.max(header.offset, start), timestamp: header.maxTimestamp }
      const record = records.find((each) => each.timestamp >= timestamp && each.offset >= start)
      if (record) return { offset: record.offset, timestamp: record.timestamp }
    }
  }
}

/** The first record with the latest time of all. */
export function latestRecord(segments: Segment[]): Found | undefined {
  const latest = (segment: Segment) => segment.latest.timestamp
  const [first, ...others] = segments.filter(({ next, base }) => next > base)
  if (!first) return
  const segment = others.reduce((best, each) => (latest(each) > latest(best) ? each : best), first)
  const wanted = segment.latest
  if (wanted.timestamp < 0) return
  for (const { header, data } of batchesOf(segment, positionOf(segment, wanted.offset))) {
    const record = recordsOf(data(), header)?.find(({ timestamp }) => timestamp === wanted.timestamp)
    return record ? { offset: record.offset, timestamp: record.timestamp } : wanted
  }
}

function* batchesOf(segment: Segment, from: number): Generator<{ header: BatchHeader; data: () => Buffer }> {
  for (const { position, size, data } of batchesFrom(segment, from)) {
    const header = batchHeader(data, false)
    if (header) yield { header, data: () => segment.bytes.read(position, size) }
  }
}
