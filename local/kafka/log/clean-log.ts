// Compaction of one log, as Kafka's log cleaner does it: it notes the last offset of each key in what was never compacted,
// and writes all closed segments up to there anew without the records that have a later one. What it writes takes the
// place of the old segments in one step, whenever a kill comes. Source: kafka.apache.org/documentation/#compaction

import { type BatchHeader, batchHeader, deleteHorizonOf, isControl, isIntact, lastOffsetOf } from '../batch.ts'
import { type CleanedTransactions, cleanedTransactions } from './cleaned-transactions.ts'
import { type Cleanable, groupBySize } from './cleaning-policy.ts'
import { compactBatch, type Fate } from './compact-batch.ts'
import { type OffsetMap, offsetMap } from './offset-map.ts'
import type { PartitionLog } from './partition-log.ts'
import { recordsOf, type StoredRecord } from './records.ts'
import { appendTo, batchesFrom, emptySegment, positionOf, type Segment } from './segment.ts'
import { memoryBytes } from './stored-bytes.ts'

/** Gives others their turn where it is time to. Throws `Interrupted` where there is no going on. */
export type Rest = () => Promise<void> | undefined
type Cleaning = { log: PartitionLog; bound: number; map: OffsetMap; now: number; rest: Rest }

/** What was to be compacted has gone, or nobody waits for it. */
export class Interrupted extends Error {}
/** A segment that is not as it was written is left as it is. */
export class Damaged extends Error {}

/** Throws, and loses nothing, where a segment is damaged or none can be written. */
export async function cleanLog(
  log: PartitionLog,
  { dirty, bound }: Cleanable,
  now: number,
  rest: Rest,
  memory?: number,
) {
  await log.checkpoint() // what may have holes lies before it
  const cleaning: Cleaning = { log, bound, map: offsetMap(dirty, memory), now, rest }
  const closed = log.segments.filter(({ next }) => next <= bound)
  await noteKeys(cleaning, closed, dirty)
  const end = cleaning.map.latest + 1
  const cleaned = closed.filter(({ base }) => base < end)
  const transactions = cleanedTransactions(log.state.aborted)
  for (const group of groupBySize(cleaned, Number(log.config('segment.bytes'))))
    replaceSegments(log, group, await cleanGroup(cleaning, group, transactions))
  log.state.forgetAborted(transactions.gone)
  log.cleaned = end
  await log.checkpoint()
}

async function noteKeys(cleaning: Cleaning, closed: Segment[], dirty: number) {
  const { log, map, bound } = cleaning
  const transactions = cleanedTransactions(log.state.aborted.filter(({ last }) => last >= dirty))
  const segments = closed.filter(({ next }) => next > dirty)
  for await (const { header, data } of batchesOf(cleaning, segments, dirty)) {
    if (map.full) return
    if (isControl(header)) transactions.endsNothing(header, data)
    else if (!transactions.isAborted(header))
      for (const { key, offset } of recordsOf(data, header) ?? []) if (key && offset >= dirty) map.put(key, offset)
    map.latest = lastOffsetOf(header)
  }
  map.latest = bound - 1
}

/** What is left of segments that follow each other, as one. */
async function cleanGroup(cleaning: Cleaning, group: Segment[], transactions: CleanedTransactions) {
  const { log, map, now } = cleaning
  const base = group[0]?.base ?? 0
  const cleaned = emptySegment(base, log.folder?.cleanedBytes(base) ?? memoryBytes())
  const deleteHorizon = Math.min(now + Number(log.config('delete.retention.ms')), Number.MAX_SAFE_INTEGER)
  const keep = ({ key, value, offset }: StoredRecord, header: BatchHeader) => {
    if (offset > map.latest) return true
    return key !== null && offset >= map.get(key) && (value !== null || now < (deleteHorizonOf(header) ?? Infinity))
  }
  try {
    for await (const { header, data } of batchesOf(cleaning, group)) {
      const left = compactBatch(data, header, fateOf(cleaning, header, data, transactions), keep, deleteHorizon)
      const changed = left && batchHeader(left)
      if (changed) appendTo(cleaned, left, changed)
    }
    cleaned.next = group.at(-1)?.next ?? base
    await cleaned.bytes.flush()
    checkThere(log, group)
    return cleaned
  } catch (error) {
    cleaned.bytes.remove()
    throw error
  }
}

function fateOf(
  { log, bound, now }: Cleaning,
  header: BatchHeader,
  data: Buffer,
  transactions: CleanedTransactions,
): Fate {
  const keptEmpty = log.state.isLast(header) || lastOffsetOf(header) + 1 === bound
  if (!isControl(header)) return { discarded: transactions.isAborted(header), endsNothing: false, keptEmpty }
  const endsNothing = transactions.endsNothing(header, data)
  return { discarded: endsNothing && now >= (deleteHorizonOf(header) ?? Infinity), endsNothing, keptEmpty }
}

/** Puts what compaction has left of some segments, which follow each other, in their place. */
function replaceSegments({ folder, segments, unflushed }: PartitionLog, old: Segment[], cleaned: Segment) {
  folder?.swap(cleaned.base, cleaned.next)
  if (folder) cleaned.bytes = folder.bytes(cleaned.base)
  for (const segment of old) unflushed.delete(segment)
  segments.splice(
    segments.findIndex(({ base }) => base === cleaned.base),
    old.length,
    cleaned,
  )
  folder?.saveIndexes(cleaned)
}

/** The batches of segments, each with all of its bytes, as long as nobody removes one of the segments. */
async function* batchesOf({ log, rest }: Cleaning, segments: Segment[], from = 0) {
  for (const segment of segments) {
    let end = from > segment.base ? positionOf(segment, from) : 0
    for (const { data, position } of batchesFrom(segment, end, true)) {
      const header = batchHeader(data)
      if (!header || (position < segment.trusted && !isIntact(data))) break
      yield { header, data }
      end = position + data.length
      const rested = rest()
      if (!rested) continue
      await rested
      checkThere(log, segments)
    }
    if (end < segment.bytes.size)
      throw new Damaged(`the batch at byte ${end} of the segment ${segment.base} is damaged`)
  }
}

/** Retention, DeleteRecords and DeleteTopics take their turn between others. */
function checkThere(log: PartitionLog, segments: Segment[]) {
  if (log.gone || !segments.every((segment) => log.segments.includes(segment))) throw new Interrupted()
}
