// One segment of a partition's log: batches one after the other in a file that is named by the offset of its first, and
// the sparse indexes over it. Source: kafka.apache.org/documentation/#log

import { type BatchHeader, HEADER_SIZE, lastOffsetOf, placeAt } from '../batch.ts'
import { type IndexEntry, lastBefore, type TimeEntry } from './sparse-index.ts'
import type { StoredBytes } from './stored-bytes.ts'

export type Segment = {
  base: number // the first offset that it may hold
  next: number // the first offset after its last record
  bytes: StoredBytes
  index: IndexEntry[]
  times: TimeEntry[] // each the highest time so far, and where it was reached
  latest: TimeEntry // the highest time of all
  began: number // ms: the time of its first record
  unindexed: number // bytes since the last entry
  saved: { index: number; times: number } // entries that are in the files of the indexes
  trusted: number // bytes from its beginning that an earlier process left, and that nobody has checked since
  checked: { from: number; to: number } // of these, what was checked
  damagedAt: number // of these, nothing is served from here on
  hint: { offset: number; position: number } // where a reader came to an end, and most likely goes on
}

const INDEX_INTERVAL = 4096 // bytes, as Kafka's index.interval.bytes
const CHUNK = 64 * 1024 // bytes that are read at once to look through batches

export const emptySegment = (base: number, bytes: StoredBytes): Segment => ({
  base,
  next: base,
  bytes,
  index: [],
  times: [],
  latest: { timestamp: -1, offset: base },
  began: -1,
  unindexed: 0,
  saved: { index: 0, times: 0 },
  trusted: 0,
  checked: { from: 0, to: 0 },
  damagedAt: Infinity,
  hint: { offset: base, position: 0 },
})

/** ms since the epoch: the time of its latest record or, where none has a time, when it was last written to. */
export const newestTime = ({ latest, bytes }: Segment) => (latest.timestamp < 0 ? bytes.modified : latest.timestamp)

/** Counts a batch in that lies at `position`. */
export function enter(segment: Segment, header: BatchHeader, size: number, position: number) {
  const { maxTimestamp, count } = header
  const last = lastOffsetOf(header)
  if (segment.unindexed > INDEX_INTERVAL) {
    segment.index.push({ last, position })
    const { latest } = segment
    if (latest.timestamp > (segment.times.at(-1)?.timestamp ?? -1)) segment.times.push(latest)
    segment.unindexed = 0
  }
  segment.unindexed += size
  if (count && maxTimestamp > segment.latest.timestamp) segment.latest = { timestamp: maxTimestamp, offset: last }
  if (segment.began < 0) segment.began = maxTimestamp
  segment.next = last + 1
}

/** Throws, and takes nothing, where there is no room. */
export function appendTo(segment: Segment, data: Buffer, header: BatchHeader) {
  const position = segment.bytes.size
  segment.bytes.append(data)
  enter(segment, header, data.length, position)
}

/**
 * The batches from a position on, to the end or to the first that cannot be one. `data` begins with the batch, and has
 * all of it where `whole` is asked for.
 */
export function* batchesFrom(segment: Segment, from: number, whole = false) {
  const { bytes } = segment
  let data: Buffer = Buffer.alloc(0)
  let start = from // of `data`
  for (let at = from; at < bytes.size;) {
    let place = placeAt(data, at - start)
    if (!place || (whole && at - start + place.size > data.length)) {
      data = bytes.read(at, Math.max(CHUNK, place?.size ?? 0))
      start = at
      place = placeAt(data, 0)
      // Its size is known only now.
      if (place && whole && place.size > data.length && at + place.size <= bytes.size) data = bytes.read(at, place.size)
    }
    if (!place || place.size < HEADER_SIZE || at + place.size > bytes.size) return
    yield { ...place, position: at, data: data.subarray(at - start, at - start + place.size) }
    at += place.size
  }
}

/** Where the first batch lies that reaches `offset`, or what ends the batches. */
export function positionOf(segment: Segment, offset: number) {
  const { hint, index } = segment
  if (hint.offset === offset) return hint.position
  const from = lastBefore(index, ({ last }) => last <= offset)?.position ?? 0
  let end = from
  for (const { last, position, size } of batchesFrom(segment, from)) {
    if (last >= offset) return position
    end = position + size
  }
  return end
}
