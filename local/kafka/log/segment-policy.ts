// When a log begins another segment, and when its first ones go. Source: kafka.apache.org/documentation/#topicconfigs

import { newestTime, type Segment } from './segment.ts'

/**
 * How many of the first segments go, as a whole, because their latest record is older than `age` ms, or the log without
 * them is as large as `size` bytes. -1 bounds nothing.
 */
export function expired(segments: Segment[], { age, size }: { age: number; size: number }, now: number) {
  let over = size < 0 ? -1 : segments.reduce((sum, { bytes }) => sum + bytes.size, 0) - size
  const kept = segments.findIndex((segment) => {
    const { bytes } = segment
    over -= bytes.size
    const old = age >= 0 && bytes.size > 0 && now - newestTime(segment) > age
    return bytes.size > 0 && !old && over < 0 // what compaction has left empty goes with what is before it
  })
  return kept < 0 ? segments.length : kept
}

/** Whether a batch would make a segment too large, or too long by the times of its records. */
export function isFull({ bytes, began }: Segment, more: number, timestamp: number, config: (name: string) => string) {
  const large = bytes.size + more > Number(config('segment.bytes'))
  const compacted = config('cleanup.policy').includes('compact')
  const age = Math.min(Number(config('segment.ms')), compacted ? Number(config('max.compaction.lag.ms')) : Infinity)
  const long = began >= 0 && timestamp - began > age
  return bytes.size > 0 && (large || long)
}
