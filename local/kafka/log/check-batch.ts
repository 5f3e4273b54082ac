import { batchHeader, codecOf, HEADER_SIZE, isControl, isIntact, isPlausible } from '../batch.ts'
import { fail } from '../errors.ts'
import { walkRecords } from './record-walk.ts'

/** The header of a batch that a producer may append; looked at in Kafka's order, without its records. */
export function checkBatch(data: Buffer | null, maxBytes: number, segmentBytes = Infinity) {
  const header = data && batchHeader(data)
  if (!data || !header || header.offset !== 0) return fail('INVALID_RECORD')
  if (data.length > maxBytes) fail('MESSAGE_TOO_LARGE')
  if (!isIntact(data)) fail('CORRUPT_MESSAGE')
  if (isControl(header) || !isPlausible(header)) fail('INVALID_RECORD')
  if (codecOf(header) === 0 && !walkRecords(data.subarray(HEADER_SIZE), header.count)) fail('INVALID_RECORD')
  if (header.producerId >= 0 && header.sequence < 0) fail('INVALID_RECORD')
  if (data.length > segmentBytes) fail('RECORD_LIST_TOO_LARGE')
  return { data, header }
}

export type Checked = ReturnType<typeof checkBatch>
