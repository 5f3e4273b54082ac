import { expect, test } from 'vitest'
import { crc32c, storedHeader, placeAt, placeBatch } from './batch.ts'
import { recordBatch } from './fixtures.ts'

const stored = (offset: number) => {
  const batch = recordBatch(offset)
  placeBatch(batch, offset, 0)
  return batch
}

test('CRC-32C gives the check value of its catalogue entry, and that of its bit by bit definition', () => {
  expect(crc32c(Buffer.from('123456789')) >>> 0).toBe(0xe3069283)
  const bitwise = (data: Buffer) => {
    let crc = -1
    for (const byte of data) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    }
    return ~crc
  }
  const data = Buffer.from(Array.from({ length: 100 }, (_, i) => (i * 167) % 256))
  for (let length = 0; length <= data.length; length++)
    expect(crc32c(data.subarray(0, length))).toBe(bitwise(data.subarray(0, length)))
})

test('a flipped bit anywhere in a batch tells that it is not what was stored', () => {
  const leaderEpoch = [12, 13, 14, 15] // not covered by the checksum
  const batch = stored(5)
  expect(storedHeader(batch, 5)).toMatchObject({ offset: 5 })
  for (let at = 0; at < batch.length; at++) {
    if (leaderEpoch.includes(at)) continue
    const flipped = Buffer.from(batch)
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
    expect(storedHeader(flipped, 5), `byte ${at}`).toBeUndefined()
  }
})

test('the place of a batch is in its header, and nowhere before that has come to its end', () => {
  const batch = stored(7)
  expect(placeAt(batch, 0)).toEqual({ offset: 7, last: 7, size: batch.length })
  expect(placeAt(batch.subarray(0, 60), 0)).toBeUndefined()
})
