// The records inside of a batch, which the broker looks at only to find one of them.
// Source: kafka.apache.org/documentation/#record

import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type BatchHeader, codecOf, HEADER_SIZE, isStamped } from '../batch.ts'
import { lz4Decompress } from './lz4.ts'
import { snappyDecompress } from './snappy.ts'
import { readVarint } from './varint.ts'

export type StoredRecord = {
  offset: number
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  bytes: Buffer
}

const MARKERS: Record<number, 'abort' | 'commit'> = { 0: 'abort', 1: 'commit' }
const MAX_SIZE = 128 * 1024 * 1024 // bytes that a batch may have when it is decompressed
const CODECS: Record<number, (data: Buffer) => Buffer> = {
  0: (data) => data,
  1: (data) => gunzipSync(data, { maxOutputLength: MAX_SIZE }),
  2: (data) => snappyDecompress(data, MAX_SIZE),
  3: (data) => lz4Decompress(data, MAX_SIZE),
  4: (data) => zstdDecompressSync(data, { maxOutputLength: MAX_SIZE }),
}

/** What a marker says of its producer's transaction: its key holds the type after the version (KIP-98). */
export function markerType(marker: Buffer, header: BatchHeader) {
  const [record] = recordsOf(marker, header) ?? []
  return record?.key ? MARKERS[record.key.readInt16BE(2)] : undefined
}

/** The records of a batch as bytes, decompressed; undefined where they cannot be. */
export function recordBytes(data: Buffer, header: BatchHeader): Buffer | undefined {
  try {
    return CODECS[codecOf(header)]?.(data.subarray(HEADER_SIZE))
  } catch {
    return undefined
  }
}

/** The records of a batch in their order; undefined where it is not what its header says. */
export function recordsOf(data: Buffer, header: BatchHeader): StoredRecord[] | undefined {
  try {
    const records = recordBytes(data, header)
    return records && parse(records, header)
  } catch {
    return undefined
  }
}

function parse(data: Buffer, header: BatchHeader) {
  let at = 0
  const varint = () => {
    const { value, next } = readVarint(data, at)
    at = next
    return value
  }
  const bytes = () => {
    const length = varint()
    if (length < 0) return null
    if (at + length > data.length) throw new RangeError('a record beyond its batch')
    return data.subarray(at, (at += length))
  }
  return Array.from({ length: header.count }, (): StoredRecord => {
    const start = at
    const length = varint()
    const end = at + length
    at++ // attributes, of which there are none
    const timestamp = header.baseTimestamp + varint()
    const offset = header.offset + varint()
    const record = {
      offset,
      timestamp: isStamped(header) ? header.maxTimestamp : timestamp,
      key: bytes(),
      value: bytes(),
      bytes: data.subarray(start, end),
    }
    if (length < 0 || end > data.length) throw new RangeError('a record beyond its batch')
    at = end
    return record
  })
}
