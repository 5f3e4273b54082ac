// When a log is worth compacting, and how much of it may be. Source: kafka.apache.org/documentation/#topicconfigs,
// and LogCleanerManager of Apache Kafka 4.3.1.

import { newestTime, type Segment } from './segment.ts'

const MAX_SPAN = 2 ** 31 - 1 // offsets: the indexes of a segment count from its first

/** What lies before `dirty` was compacted before; nothing from `bound` on may be. */
export type Cleanable = { dirty: number; bound: number; ratio: number }
type Log = { segments: Segment[]; start: number; end: number; cleaned: number; config: (name: string) => string }

const sizeOf = (segments: Segment[]) => segments.reduce((sum, { bytes }) => sum + bytes.size, 0)

/** undefined where it is not worth it. `stable` is where the first open transaction begins. */
export function cleanable({ segments, start, end, cleaned, config }: Log, stable: number, now: number) {
  if (!config('cleanup.policy').includes('compact')) return
  const setting = (name: string) => Number(config(name))
  const dirty = cleaned > end ? start : Math.max(cleaned, start)
  const lag = setting('min.compaction.lag.ms')
  const young = (segment: Segment) => lag > 0 && segment.next > dirty && newestTime(segment) > now - lag
  const closed = segments.slice(0, -1)
  const first = closed.findIndex((segment) => segment.next > stable || young(segment))
  const open = closed.slice(0, first < 0 ? closed.length : first)
  const todo = open.filter(({ next }) => next > dirty)
  const bound = open.at(-1)?.next ?? dirty
  const ratio = sizeOf(todo) / sizeOf(open)
  const late = todo.some(({ began }) => began > 0 && began < now - setting('max.compaction.lag.ms'))
  if (!sizeOf(todo) || (ratio <= setting('min.cleanable.dirty.ratio') && !late)) return
  return { dirty, bound, ratio } satisfies Cleanable
}

/** Neighbours that are written as one, so that segments do not become ever smaller. */
export function groupBySize(segments: Segment[], most: number) {
  const groups: Segment[][] = []
  for (const segment of segments) {
    const group = groups.at(-1)
    const [first] = group ?? []
    const fits = first && sizeOf(group ?? []) + segment.bytes.size <= most && segment.next - first.base <= MAX_SPAN
    if (group && fits) group.push(segment)
    else groups.push([segment])
  }
  return groups
}
