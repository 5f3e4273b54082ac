// Decompression of Snappy, in the frames of snappy-java that Kafka's clients send, or without.
// Source: github.com/google/snappy/blob/main/format_description.txt

import { copyWithin, type Output } from './lz77.ts'

const FRAMED = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const FRAME_HEADER = 16 // bytes: the magic above and two versions

export function snappyDecompress(data: Buffer, most: number) {
  if (!data.subarray(0, FRAMED.length).equals(FRAMED)) return block(data, most)
  const blocks: Buffer[] = []
  let left = most
  for (let at = FRAME_HEADER; at < data.length;) {
    const size = data.readInt32BE(at)
    const found = block(data.subarray(at + 4, at + 4 + size), left)
    left -= found.length
    blocks.push(found)
    at += 4 + size
  }
  return Buffer.concat(blocks)
}

function block(data: Buffer, most: number) {
  let at = 0
  let size = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = data.readUInt8(at++)
    size += (byte & 0x7f) * factor
    if (byte < 128) break
  }
  if (size > most) throw new RangeError('too much for one batch')
  const output: Output = { data: Buffer.alloc(size), length: 0 }
  while (at < data.length) {
    const tag = data.readUInt8(at++)
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >> 2
      if (length >= 60) {
        const width = length - 59
        length = data.readUIntLE(at, width)
        at += width
      }
      length++
      if (at + length > data.length) throw new RangeError('a literal beyond its block')
      data.copy(output.data, output.length, at, at + length)
      output.length += length
      at += length
    } else if (kind === 1) {
      copyWithin(output, ((tag >> 5) << 8) | data.readUInt8(at++), ((tag >> 2) & 7) + 4)
    } else {
      const width = kind === 2 ? 2 : 4
      copyWithin(output, data.readUIntLE(at, width), (tag >> 2) + 1)
      at += width
    }
  }
  return output.data.subarray(0, output.length)
}
