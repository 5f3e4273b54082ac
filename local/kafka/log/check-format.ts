import { HEADER_SIZE } from '../batch.ts'
import { fail } from '../errors.ts'

const [MAGIC_AT, ATTRIBUTES_AT] = [16, 21]
const MAGIC = 2
const CODEC = 0x07
const ZSTD = 4
const ZSTD_SINCE = 7 // this version of Produce (KIP-110)

/** Throws where a batch is of a format that nobody knows, or compressed as its version of Produce does not know it. */
export function checkFormat(batch: Buffer | null, version: number) {
  if (!batch || batch.length < HEADER_SIZE) return
  if (batch.readInt8(MAGIC_AT) > MAGIC) fail('CORRUPT_MESSAGE')
  if ((batch.readInt16BE(ATTRIBUTES_AT) & CODEC) === ZSTD && version < ZSTD_SINCE) fail('UNSUPPORTED_COMPRESSION_TYPE')
}
