import { batchHeader } from '../../kafka/batch.ts'
import { Reader } from '../../kafka/protocol/reader.ts'

const HEADER_SIZE = 61 // bytes of a batch before its records
const COMPRESSION = 0b111 // the bits of its attributes that name one

/**
 * What a header says in each record of a batch, as a producer sends it; undefined where a record has no such header.
 * https://kafka.apache.org/documentation/#record
 */
export function headerOfEach(batch: Buffer, name: string): (string | undefined)[] {
  const header = batchHeader(batch)
  if (!header) throw new Error('A producer sends something else than one batch of format 2')
  if (header.attributes & COMPRESSION) throw new Error('A batch is compressed, and nobody reads that here')
  const reader = new Reader(batch.subarray(HEADER_SIZE))
  return Array.from({ length: header.count }, () => {
    const record = new Reader(reader.take(varint(reader)))
    record.int8() // attributes
    varint(record) // timestamp
    varint(record) // offset
    text(record) // key
    text(record) // value
    const headers = Array.from({ length: varint(record) }, () => [text(record), text(record)])
    return headers.find(([key]) => key === name)?.[1]
  })
}

/** Zigzag: https://protobuf.dev/programming-guides/encoding/#signed-ints */
function varint(reader: Reader) {
  const value = reader.uvarint()
  return value % 2 ? -(value + 1) / 2 : value / 2
}

function text(reader: Reader) {
  const size = varint(reader)
  return size < 0 ? '' : reader.take(size).toString()
}
