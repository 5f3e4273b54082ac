// What a consumer fetches: the bytes of whole batches, as they lie in one segment (KIP-74).

import { type BatchPlace, countAt, HEADER_SIZE, isIntact, placeAt } from '../batch.ts'
import { positionOf, type Segment } from './segment.ts'

type Wanted = { offset: number; maxBytes: number; some: boolean; limit: number }

/**
 * Of the first segment that has any; a reader asks for those of the next one as soon as it is there. Batches that
 * compaction has left empty are passed over where others follow: KafkaJS comes no further by an answer without records.
 */
export function recordsFrom(
  segments: Segment[],
  wanted: Wanted,
  damaged: (segment: Segment, position: number) => void,
): Buffer[] {
  let empty: Buffer[] = []
  for (const segment of segments) {
    if (segment.next <= wanted.offset || segment.base >= wanted.limit) continue
    let { offset } = wanted
    for (;;) {
      const batches = readFrom(segment, { ...wanted, offset }, (position) => {
        segment.damagedAt = position
        damaged(segment, position)
      })
      const records = withoutEmpty(batches)
      if (records.length) return [records]
      if (!batches.length) break
      if (!empty.length) empty = [batches]
      offset = segment.hint.offset
    }
    const reached = positionOf(segment, offset)
    if (segment.damagedAt === Infinity && reached < segment.bytes.size) break // there is one, which is too large
  }
  return empty
}

/**
 * Whole batches from `offset` on that end before `limit`: as many as fit, and a first one in any case where `some` is
 * asked for. What an earlier process wrote is checked when it is read for the first time; `damaged` is told of what is
 * not as it was written, and nothing of that process that follows it in this segment is served.
 */
function readFrom(
  segment: Segment,
  { offset, maxBytes, some, limit }: Wanted,
  damaged: (position: number) => void,
): Buffer {
  const { damagedAt, trusted } = segment
  const found = positionOf(segment, offset)
  const from = found >= damagedAt ? Math.max(found, trusted) : found
  const end = from < damagedAt ? Math.min(segment.bytes.size, damagedAt) : segment.bytes.size
  let data = segment.bytes.read(from, Math.min(Math.max(maxBytes, some ? HEADER_SIZE : 0), end - from))
  const first = placeAt(data, 0)
  if (first && some && first.size > data.length) data = segment.bytes.read(from, Math.min(first.size, end - from))
  let at = 0
  let next = offset
  while (at < data.length) {
    const place = placeAt(data, at)
    if (!place) break
    if (!isSound(segment, data, at, from + at, place)) {
      damaged(from + at)
      if (!at) return readFrom(segment, { offset, maxBytes, some, limit }, damaged)
      break
    }
    if (place.last >= limit || at + place.size > data.length) break
    at += place.size
    next = place.last + 1
  }
  if (at) segment.hint = { offset: next, position: from + at }
  return data.subarray(0, at)
}

/** From the first batch on that has records. */
function withoutEmpty(batches: Buffer) {
  let at = 0
  while (at < batches.length && !countAt(batches, at)) at += placeAt(batches, at)?.size ?? batches.length
  return batches.subarray(at)
}

function isSound(segment: Segment, data: Buffer, at: number, position: number, { offset, last, size }: BatchPlace) {
  const { trusted, checked } = segment
  if (position >= trusted || (position >= checked.from && position < checked.to)) return true
  if (size < HEADER_SIZE || position + size > segment.bytes.size) return false
  if (offset < segment.base || last >= segment.next) return false // no checksum covers the offset
  if (at + size > data.length) return true // it is not served now
  if (!isIntact(data.subarray(at, at + size))) return false
  segment.checked = { from: position === checked.to ? checked.from : position, to: position + size }
  return true
}
