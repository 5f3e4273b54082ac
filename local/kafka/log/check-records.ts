// What Kafka asks of each record beyond an intact batch: a key where the topic is compacted, and a time that is not too
// far off. A batch is taken as a whole or not at all, and who sent it is told which of its records are in the way
// (KIP-467). Its records are looked through only where its header cannot answer for them.

import { type BatchHeader, correctMaxTimestamp, isStamped } from '../batch.ts'
import { fail } from '../errors.ts'
import type { Checked } from './check-batch.ts'
import { walkRecords } from './record-walk.ts'
import { recordBytes, recordsOf, type StoredRecord } from './records.ts'

export type RecordRules = { compacted: boolean; stamps: boolean; before: string; after: string }

const NO_TIMESTAMP = -1
const LONG = 64 // bits
const SHOWN = 3 // errors

export const recordRules = (config: (name: string) => string): RecordRules => ({
  compacted: config('cleanup.policy').includes('compact'),
  stamps: config('message.timestamp.type') === 'LogAppendTime',
  before: config('message.timestamp.before.max.ms'),
  after: config('message.timestamp.after.max.ms'),
})

/** The batch, with the time of its latest record in its header. Throws with the errors of its records. */
export function checkRecords(batch: Checked, rules: RecordRules, partition: string, now: number): Checked {
  const { data, header } = batch
  if (!rules.compacted && answersFor(header, rules, now)) return batch
  const bytes = recordBytes(data, header) ?? fail('INVALID_RECORD')
  const [before, after] = [Number(rules.before), Number(rules.after)]
  let maxTimestamp = NO_TIMESTAMP
  let wrong = isStamped(header)
  const isWhole = walkRecords(bytes, header.count, (delta, hasKey) => {
    const timestamp = header.baseTimestamp + delta
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if ((rules.compacted && !hasKey) || (!rules.stamps && isFar(timestamp, before, after, now))) wrong = true
  })
  if (!isWhole) fail('INVALID_RECORD')
  if (wrong) refuse(batch, rules, partition, now)
  if (rules.stamps || (maxTimestamp === header.maxTimestamp && !isStamped(header))) return batch
  correctMaxTimestamp(data, maxTimestamp)
  return { data, header: { ...header, maxTimestamp } }
}

const isFar = (timestamp: number, before: number, after: number, now: number) =>
  timestamp !== NO_TIMESTAMP && (now - timestamp > before || timestamp - now > after)

/** Whether no record can have a time that is too far off, by what the header says of the first and the latest. */
function answersFor(header: BatchHeader, { stamps, before, after }: RecordRules, now: number) {
  if (isStamped(header)) return false
  if (stamps) return true
  const earliest = now - Number(before)
  return (
    header.maxTimestamp <= now + Number(after) &&
    (earliest <= 0 || (header.count === 1 && header.baseTimestamp >= earliest))
  )
}

/** Throws with the errors of the records of a batch, if there are any. */
function refuse({ data, header }: Checked, rules: RecordRules, partition: string, now: number) {
  const keyError = `Compacted topic cannot accept message without key in topic partition ${partition}`
  let late = false
  const recordErrors = (recordsOf(data, header) ?? fail('INVALID_RECORD')).flatMap((record, index) => {
    if (rules.compacted && record.key === null) return [{ index, message: keyError }]
    const message = timestampError(record, header, rules, now)
    if (message === undefined) return []
    late = true
    return [{ index, message }]
  })
  if (!recordErrors.length) return
  if (late)
    fail('INVALID_TIMESTAMP', 'One or more records have been rejected due to invalid timestamp', { recordErrors })
  const shown = recordErrors
    .slice(0, SHOWN)
    .map(({ index, message }) => `RecordError(batchIndex=${index}, message='${message}')`)
  const message =
    `One or more records have been rejected due to ${recordErrors.length} record errors in total, ` +
    `and only showing the first three errors at most: [${shown.join(', ')}]`
  fail('INVALID_RECORD', message, { recordErrors })
}

function timestampError(
  record: StoredRecord,
  header: BatchHeader,
  { stamps, before, after }: RecordRules,
  now: number,
) {
  const { timestamp, offset, key, value } = record
  if (!stamps && timestamp !== NO_TIMESTAMP) {
    if (!isFar(timestamp, Number(before), Number(after), now)) return
    const earliest = BigInt.asIntN(LONG, BigInt(now) - BigInt(before))
    const latest = BigInt.asIntN(LONG, BigInt(now) + BigInt(after))
    return (
      `Timestamp ${timestamp} of message with offset ${offset} is out of range. ` +
      `The timestamp should be within [${earliest}, ${latest}]`
    )
  }
  if (!isStamped(header)) return
  const shown = `offset=${offset}, timestamp=${timestamp}, key=${key?.length ?? 0} bytes, value=${value?.length ?? 0} bytes`
  return `Invalid timestamp type in message DefaultRecord(${shown}). Producer should not set timestamp type to LogAppendTime.`
}
