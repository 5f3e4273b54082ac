// A record batch (format 2) is opaque to the broker but for its header. The base offset and the leader epoch, which the
// broker fills in, lie outside the checksum. Source: kafka.apache.org/documentation/#recordbatch

import { Reader } from './protocol/reader.ts'
import { int16, int32, int64, int8, struct } from './protocol/types.ts'
import { Writer } from './protocol/writer.ts'

const Header = struct({
  offset: int64,
  length: int32,
  leaderEpoch: int32,
  magic: int8,
  crc: int32,
  attributes: int16,
  lastOffsetDelta: int32,
  baseTimestamp: int64,
  maxTimestamp: int64,
  producerId: int64,
  epoch: int16,
  sequence: int32,
  count: int32,
})
export type BatchHeader = typeof Header.zero

const HEADER_SIZE = 61
const MIN_RECORD = 7 // bytes: seven numbers of at least one byte each
/** Producer ids beyond are of no broker's making, and would leave none to give out. */
export const LAST_PRODUCER_ID = 2 ** 48
const BEFORE_LENGTH_COUNTS = 12 // bytes of base offset and length
const CRC_AT = 17
const CHECKED_FROM = 21
const CODEC = 0x07
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

export const isTransactional = ({ attributes }: BatchHeader) => (attributes & TRANSACTIONAL) !== 0
export const isControl = ({ attributes }: BatchHeader) => (attributes & CONTROL) !== 0

/**
 * Whether a batch of a producer can be what its header says: each record takes an offset, and room where it is not
 * compressed.
 */
export const isPlausible = ({ count, lastOffsetDelta, attributes, length, producerId }: BatchHeader) =>
  count >= 1 &&
  count === lastOffsetDelta + 1 &&
  ((attributes & CODEC) !== 0 || count * MIN_RECORD <= length + BEFORE_LENGTH_COUNTS - HEADER_SIZE) &&
  producerId <= LAST_PRODUCER_ID

/**
 * The header of what claims to be one batch; undefined where it is shorter or longer than it says, or of another
 * format.
 */
export function batchHeader(data: Buffer) {
  if (data.length < HEADER_SIZE) return
  const header = Header.read(new Reader(data))
  return header.magic === 2 && header.length + BEFORE_LENGTH_COUNTS === data.length ? header : undefined
}

export const isIntact = (data: Buffer) => data.readInt32BE(CRC_AT) === crc32c(data.subarray(CHECKED_FROM))

/** Gives a batch its place in the log, in place. */
export function placeBatch(data: Buffer, offset: number, leaderEpoch: number) {
  data.writeBigInt64BE(BigInt(offset))
  data.writeInt32BE(leaderEpoch, BEFORE_LENGTH_COUNTS)
}

/**
 * The batches of a log file that follow one another without a gap, up to the end of the file or to the first that is
 * cut short or damaged. The first may begin at any offset up to `start`, where the log begins for its readers.
 */
export function* intactBatches(file: Buffer, start: number) {
  let next: number | undefined
  for (let at = 0; at + HEADER_SIZE <= file.length;) {
    const data = file.subarray(at, at + BEFORE_LENGTH_COUNTS + file.readInt32BE(at + 8))
    const header = batchHeader(data)
    if (!header || !isIntact(data) || (next === undefined ? header.offset > start : header.offset !== next)) return
    next = header.offset + header.lastOffsetDelta + 1
    at += data.length
    yield { data, header }
  }
}

/** The batch that tells readers of committed records whether a producer's transaction counts. */
export function transactionMarker(producerId: number, epoch: number, committed: boolean, now = Date.now()) {
  // One record: length 16, no attributes, deltas 0, a key of 4 bytes (version, type), a value of 6 (version, epoch), no
  // headers.
  const record = Buffer.from([32, 0, 0, 0, 8, 0, 0, 0, committed ? 1 : 0, 12, 0, 0, 0, 0, 0, 0, 0])
  const writer = new Writer()
  Header.write(writer, {
    length: HEADER_SIZE + record.length - BEFORE_LENGTH_COUNTS,
    magic: 2,
    attributes: TRANSACTIONAL | CONTROL,
    baseTimestamp: now,
    maxTimestamp: now,
    producerId,
    epoch,
    sequence: -1,
    count: 1,
  })
  writer.raw(record)
  const marker = writer.bytes()
  marker.writeInt32BE(crc32c(marker.subarray(CHECKED_FROM)), CRC_AT)
  return marker
}

/** Whether a transaction marker aborts: its record's key holds the type after the version. */
export const aborts = (marker: Buffer) => marker.readInt16BE(HEADER_SIZE + 7) === 0

const table = Int32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1
  return n
})
/** CRC-32C (Castagnoli), which node:zlib does not have, as a signed number. */
export function crc32c(data: Buffer) {
  let crc = -1
  // A third of the time that `for (const byte of data)` takes, and every byte of a log goes through here at the start.
  for (let at = 0; at < data.length; at++) crc = (table[(crc ^ (data[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc
}
