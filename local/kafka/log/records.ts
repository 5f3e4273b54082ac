// The records inside of a batch, which the broker looks at only to find one of them.
// Source: kafka.apache.org/documentation/#record

import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type BatchHeader, codecOf, HEADER_SIZE, isStamped } from '../batch.ts'
import { lz4Decompress } from './lz4.ts'
import { snappyDecompress } from './snappy.ts'

export type StoredRecord = {
  offset: number
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  bytes: Buffer
}

const MAX_SIZE = 128 * 1024 * 1024 // bytes that a batch may have when it is decompressed
const CODECS: Record<number, (data: Buffer) => Buffer> = {
  0: (data) => data,
  1: (data) => gunzipSync(data, { maxOutputLength: MAX_SIZE }),
  2: (data) => snappyDecompress(data, MAX_SIZE),
  3: (data) => lz4Decompress(data, MAX_SIZE),
  4: (data) => zstdDecompressSync(data, { maxOutputLength: MAX_SIZE }),
}

/** The records of a batch in their order; undefined where it is not what its header says. */
export function recordsOf(data: Buffer, header: BatchHeader): StoredRecord[] | undefined {
  try {
    const records = CODECS[codecOf(header)]?.(data.subarray(HEADER_SIZE))
    return records && parse(records, header)
  } catch {
    return undefined
  }
}

function parse(data: Buffer, header: BatchHeader) {
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = data.readUInt8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 128) return value % 2 ? -(value + 1) / 2 : value / 2
    }
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
