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

export const HEADER_SIZE = 61
const MIN_RECORD = 7 // bytes: seven numbers of at least one byte each
/** Producer ids beyond are of no broker's making, and would leave none to give out. */
export const LAST_PRODUCER_ID = 2 ** 48
const BEFORE_LENGTH_COUNTS = 12 // bytes of base offset and length
const LENGTH_AT = 8
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const BASE_TIMESTAMP_AT = 27
const MAX_TIMESTAMP_AT = 35
const COUNT_AT = 57
const CHECKED_FROM = 21
const CODEC = 0x07
const APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const DELETE_HORIZON = 0x40

export const isTransactional = ({ attributes }: BatchHeader) => (attributes & TRANSACTIONAL) !== 0
export const codecOf = ({ attributes }: BatchHeader) => attributes & CODEC
/** Whether its records have the time at which the broker took it, and not their own. */
export const isStamped = ({ attributes }: BatchHeader) => (attributes & APPEND_TIME) !== 0
export const isControl = ({ attributes }: BatchHeader) => (attributes & CONTROL) !== 0
export const lastOffsetOf = ({ offset, lastOffsetDelta }: Pick<BatchHeader, 'offset' | 'lastOffsetDelta'>) =>
  offset + lastOffsetDelta
/** When the tombstones of a batch may go (ms), which takes the place of its base timestamp; undefined before it is set. */
export const deleteHorizonOf = ({ attributes, baseTimestamp }: BatchHeader) =>
  attributes & DELETE_HORIZON ? baseTimestamp : undefined

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
 * The header of what claims to be one batch; undefined where it is of another format, or shorter or longer than it says
 * where all of it is there.
 */
export function batchHeader(data: Buffer, whole = true) {
  if (data.length < HEADER_SIZE) return
  const header = Header.read(new Reader(data))
  const fits = !whole || header.length + BEFORE_LENGTH_COUNTS === data.length
  return header.magic === 2 && fits ? header : undefined
}

/** Writes the checksum of what the batch holds now. */
export function seal(data: Buffer) {
  data.writeInt32BE(crc32c(data.subarray(CHECKED_FROM)), CRC_AT)
  return data
}

export const isIntact = (data: Buffer) => data.readInt32BE(CRC_AT) === crc32c(data.subarray(CHECKED_FROM))

/** Gives a batch its place in the log, in place. */
export function placeBatch(data: Buffer, offset: number, leaderEpoch: number) {
  data.writeBigInt64BE(BigInt(offset))
  data.writeInt32BE(leaderEpoch, BEFORE_LENGTH_COUNTS)
}

/** What a log must know of a batch to find its way: read without the rest of the header, which takes longer. */
export type BatchPlace = { offset: number; last: number; size: number }

/** The batch at a place of a buffer; undefined where its header has not come to its end. `size` may reach beyond. */
export function placeAt(data: Buffer, at: number): BatchPlace | undefined {
  if (at + HEADER_SIZE > data.length) return
  const offset = Number(data.readBigInt64BE(at))
  return { offset, last: offset + data.readInt32BE(at + 23), size: BEFORE_LENGTH_COUNTS + data.readInt32BE(at + 8) }
}

/** How many records the batch at a place of a buffer has. */
export const countAt = (data: Buffer, at: number) => data.readInt32BE(at + COUNT_AT)

/**
 * The header of a batch that was stored with this offset, or with a later one where there may be `holes`; undefined
 * where it is not as it was stored.
 */
export function storedHeader(data: Buffer, offset: number, holes = false) {
  const header = batchHeader(data)
  const placed = header && (holes ? header.offset >= offset : header.offset === offset)
  return placed && isIntact(data) ? header : undefined
}

/** Stamps a batch with the time at which it is appended (message.timestamp.type=LogAppendTime), in place. */
export function stampAppendTime(data: Buffer, now: number) {
  data.writeInt16BE(data.readInt16BE(ATTRIBUTES_AT) | APPEND_TIME, ATTRIBUTES_AT)
  data.writeBigInt64BE(BigInt(now), MAX_TIMESTAMP_AT)
  seal(data)
}

/** Gives a batch the time of its latest record, where its producer says something else, in place. */
export function correctMaxTimestamp(data: Buffer, maxTimestamp: number) {
  data.writeInt16BE(data.readInt16BE(ATTRIBUTES_AT) & ~APPEND_TIME, ATTRIBUTES_AT)
  data.writeBigInt64BE(BigInt(maxTimestamp), MAX_TIMESTAMP_AT)
  seal(data)
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
  return seal(marker)
}

type Changed = { count: number; codec: number; maxTimestamp?: number; baseTimestamp?: number; deleteHorizon?: number }

/** The same batch with other records. Its offsets and sequences stay, whatever has gone; so do times that are not told. */
export function withRecords(batch: Buffer, records: Buffer, changed: Changed) {
  const data = Buffer.concat([batch.subarray(0, HEADER_SIZE), records])
  const { count, codec, maxTimestamp, deleteHorizon, baseTimestamp = deleteHorizon } = changed
  const attributes = data.readInt16BE(ATTRIBUTES_AT) & ~(CODEC | DELETE_HORIZON)
  data.writeInt32BE(data.length - BEFORE_LENGTH_COUNTS, LENGTH_AT)
  data.writeInt16BE(attributes | codec | (deleteHorizon === undefined ? 0 : DELETE_HORIZON), ATTRIBUTES_AT)
  if (baseTimestamp !== undefined) data.writeBigInt64BE(BigInt(baseTimestamp), BASE_TIMESTAMP_AT)
  if (maxTimestamp !== undefined) data.writeBigInt64BE(BigInt(maxTimestamp), MAX_TIMESTAMP_AT)
  data.writeInt32BE(count, COUNT_AT)
  return seal(data)
}

// The remainder of each byte, followed by 0 to 7 others: eight bytes go at once ("slicing by 8"), in two thirds of the
// time that they take one by one. Every byte of a log goes through here when it comes.
const table = new Int32Array(8 * 256)
const of = (index: number) => table[index] ?? 0
const after = (crc: number, byte: number) => of((crc ^ byte) & 0xff) ^ (crc >>> 8)
for (let n = 0; n < 256; n++) {
  let crc = n
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  table[n] = crc
}
for (let n = 256; n < table.length; n++) table[n] = after(of(n - 256), 0)

/** CRC-32C (Castagnoli), which node:zlib does not have, as a signed number. */
export function crc32c(data: Buffer) {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  let crc = -1
  let at = 0
  for (; at + 8 <= data.length; at += 8) {
    const a = crc ^ view.getInt32(at, true)
    const b = view.getInt32(at + 4, true)
    crc =
      of(1792 + (a & 0xff)) ^
      of(1536 + ((a >>> 8) & 0xff)) ^
      of(1280 + ((a >>> 16) & 0xff)) ^
      of(1024 + (a >>> 24)) ^
      of(768 + (b & 0xff)) ^
      of(512 + ((b >>> 8) & 0xff)) ^
      of(256 + ((b >>> 16) & 0xff)) ^
      of(b >>> 24)
  }
  for (; at < data.length; at++) crc = after(crc, view.getUint8(at))
  return ~crc
}
