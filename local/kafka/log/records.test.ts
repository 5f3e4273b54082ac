import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type BatchHeader, batchHeader, placeBatch, seal, stampAppendTime } from '../batch.ts'
import { recordBatch } from '../fixtures.ts'
import { lz4Decompress } from './lz4.ts'
import { recordsOf } from './records.ts'
import { snappyDecompress } from './snappy.ts'

/** A batch with a record for each time, the first of them its base. */
function batchOf(times: number[], codec = 0, compress = (data: Buffer): Buffer => data) {
  const [base = 0] = times
  const records = times.map((time, n) => Buffer.from([16, 0, (time - base) * 2, n * 2, 1, 4, 0x6f, 0x6b, 0]))
  const data = Buffer.concat([recordBatch(base).subarray(0, 61), compress(Buffer.concat(records))])
  placeBatch(data, 100, 0)
  data.writeInt32BE(data.length - 12, 8)
  data.writeInt16BE(codec, 21)
  data.writeInt32BE(times.length - 1, 23)
  data.writeBigInt64BE(BigInt(Math.max(...times)), 35)
  data.writeInt32BE(times.length, 57)
  return seal(data)
}
const found = (data: Buffer) => {
  const header: BatchHeader | undefined = batchHeader(data)
  return (
    header &&
    recordsOf(data, header)?.map(({ offset, timestamp, key, value }) => [offset, timestamp, key, String(value)])
  )
}
const stored = (data: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length + 2 ** 31)
  return Buffer.concat([Buffer.from([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]), size, data, Buffer.alloc(4)])
}
const literal = (data: Buffer) => Buffer.concat([Buffer.from([data.length, (data.length - 1) << 2]), data])

test.each<[string, number, (data: Buffer) => Buffer]>([
  ['nothing', 0, (data) => data],
  ['gzip', 1, gzipSync],
  ['snappy', 2, literal],
  ['lz4', 3, stored],
  ['zstd', 4, zstdCompressSync],
])('the records of a batch are found under %s', (_, codec, compress) => {
  const times = [1000, 1010, 1005]
  expect(found(batchOf(times, codec, compress))).toEqual(times.map((time, n) => [100 + n, time, null, 'ok']))
})

test('what is not as its header says has none', () => {
  expect(found(batchOf([1, 2], 1))).toBeUndefined()
  expect(found(batchOf([1, 2], 7))).toBeUndefined()
  const more = batchOf([1, 2])
  more.writeInt32BE(3, 57)
  expect(found(more)).toBeUndefined()
})

test('records that the broker has stamped have its time', () => {
  const data = batchOf([1000, 1010])
  stampAppendTime(data, 5000)
  expect(found(data)?.map(([, timestamp]) => timestamp)).toEqual([5000, 5000])
})

test('Snappy repeats what was there, in frames or without', () => {
  // Two literals, then eight bytes from two before, then two more.
  const frame = Buffer.from([12, 1 << 2, 0x61, 0x62, (4 << 2) | 1, 2, (1 << 2) | 2, 2, 0])
  expect(String(snappyDecompress(frame, 100))).toBe('abababababab')
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  expect(String(snappyDecompress(Buffer.concat([magic, size, frame, size, frame]), 100))).toBe('abababababab'.repeat(2))
  expect(() => snappyDecompress(frame, 5)).toThrow(RangeError)
})

test('LZ4 repeats what was there', () => {
  const block = Buffer.from([0x26, 0x61, 0x62, 2, 0, 0x10, 0x63]) // ab, ten bytes from two before, c
  const size = Buffer.alloc(4)
  size.writeUInt32LE(block.length)
  const frame = Buffer.concat([Buffer.from([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]), size, block, Buffer.alloc(4)])
  expect(String(lz4Decompress(frame, 100))).toBe('ababababababc')
  expect(() => lz4Decompress(frame, 5)).toThrow(RangeError)
})
