// Decompression of LZ4 in its frame format.
// Sources: github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md

import { copyWithin, type Output } from './lz77.ts'

const MAGIC = 0x184d2204
const BLOCK_CHECKSUM = 0x10
const CONTENT_SIZE = 0x08
const DICTIONARY = 0x01
const STORED = 0x80000000

export function lz4Decompress(data: Buffer, most: number) {
  if (data.readUInt32LE(0) !== MAGIC) throw new RangeError('no LZ4 frame')
  const flags = data.readUInt8(4)
  let at = 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0)
  const output: Output = { data: Buffer.alloc(Math.min(most, Math.max(64 * 1024, data.length * 4))), length: 0 }
  for (;;) {
    const size = data.readUInt32LE(at)
    at += 4
    if (size === 0) return output.data.subarray(0, output.length)
    const length = size % STORED
    const block = data.subarray(at, at + length)
    if (block.length < length) throw new RangeError('a block beyond its frame')
    if (size >= STORED) put(output, block, most)
    else decode(block, output, most)
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0)
  }
}

function decode(block: Buffer, output: Output, most: number) {
  let at = 0
  const extended = (length: number) => {
    if (length < 15) return length
    for (;;) {
      const byte = block.readUInt8(at++)
      length += byte
      if (byte < 255) return length
    }
  }
  while (at < block.length) {
    const token = block.readUInt8(at++)
    const literals = extended(token >> 4)
    if (at + literals > block.length) throw new RangeError('a literal beyond its block')
    put(output, block.subarray(at, at + literals), most)
    at += literals
    if (at >= block.length) return // the last sequence is literals alone
    const distance = block.readUInt16LE(at)
    at += 2
    const length = extended(token & 15) + 4
    reserve(output, length, most)
    copyWithin(output, distance, length)
  }
}

function put(output: Output, bytes: Buffer, most: number) {
  reserve(output, bytes.length, most)
  bytes.copy(output.data, output.length)
  output.length += bytes.length
}

function reserve(output: Output, more: number, most: number) {
  const need = output.length + more
  if (need > most) throw new RangeError('too much for one batch')
  if (need <= output.data.length) return
  const larger = Buffer.alloc(Math.min(most, need * 2))
  output.data.copy(larger, 0, 0, output.length)
  output.data = larger
}
