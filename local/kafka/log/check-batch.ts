import { batchHeader, isControl, isIntact, isPlausible } from '../batch.ts'
import { fail } from '../errors.ts'

/** The header of a batch that a producer may append. */
export function checkBatch(data: Buffer | null, maxBytes: number) {
  const header = data && batchHeader(data)
  if (!data || !header) return fail('INVALID_RECORD')
  if (isControl(header) || !isPlausible(header)) fail('INVALID_RECORD')
  if (!isIntact(data)) fail('CORRUPT_MESSAGE')
  if (data.length > maxBytes) fail('MESSAGE_TOO_LARGE')
  return { data, header }
}
