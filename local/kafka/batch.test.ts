import { expect, test } from 'vitest'
import { crc32c, intactBatches, placeBatch } from './batch.ts'
import { recordBatch } from './fixtures.ts'

const logOf = (...offsets: number[]) =>
  Buffer.concat(
    offsets.map((offset) => {
      const batch = recordBatch(offset)
      placeBatch(batch, offset, 0)
      return batch
    }),
  )
const offsets = (file: Buffer, start = 0) => [...intactBatches(file, start)].map(({ header }) => header.offset)
const size = recordBatch().length

test('CRC-32C gives the check value of its catalogue entry', () => {
  expect(crc32c(Buffer.from('123456789')) >>> 0).toBe(0xe3069283)
})

test('a log is read as far as its batches are whole', () => {
  const log = logOf(0, 1, 2)
  for (let length = 0; length <= log.length; length++)
    expect(offsets(log.subarray(0, length))).toHaveLength(Math.floor(length / size))
})

test('a flipped bit anywhere in a batch ends the log before it', () => {
  const leaderEpoch = [12, 13, 14, 15] // not covered by the checksum
  for (let at = 0; at < size; at++) {
    if (leaderEpoch.includes(at)) continue
    const log = logOf(0, 1, 2)
    log.writeUInt8(log.readUInt8(size + at) ^ 1, size + at)
    expect(offsets(log), `byte ${at}`).toEqual([0])
  }
})

test.each([-(2 ** 31), -1, 0, 48, 2 ** 31 - 1])('a length of %i ends the log', (length) => {
  const log = logOf(0, 1)
  log.writeInt32BE(length, size + 8)
  expect(offsets(log)).toEqual([0])
})

test('a gap between offsets ends the log', () => {
  expect(offsets(logOf(0, 1, 3))).toEqual([0, 1])
})

test('a log begins at any offset that its readers may not yet expect', () => {
  expect(offsets(logOf(5, 6), 5)).toEqual([5, 6])
  expect(offsets(logOf(5, 6), 4)).toEqual([])
})
