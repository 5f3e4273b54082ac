// Record batches as producers make them, and the records in what a consumer gets.

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { batchHeader, HEADER_SIZE, isControl, isIntact, seal } from '../batch.ts'
import { recordsOf } from '../log/records.ts'
import { Writer } from '../protocol/writer.ts'

export type Sent = { key?: string | null; value?: string | null; timestamp?: number; headers?: [string, string][] }
export type BatchOptions = {
  producerId?: number
  epoch?: number
  sequence?: number
  transactional?: boolean
  codec?: keyof typeof CODECS
  control?: boolean
}

const snappy = (data: Buffer) => {
  // The whole of it as one literal, behind its length: as many bytes as two of its numbers say.
  const [low, high] = [(data.length & 0x7f) | 0x80, data.length >> 7]
  const last = data.length - 1
  return Buffer.concat([Buffer.from([low, high, 0xf4, last & 0xff, last >> 8]), data])
}
const lz4 = (data: Buffer) => {
  // A frame of one block that is not compressed: the checksum of these two bytes of its header is 0x82.
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0])
  header.writeUInt32LE((data.length | 0x80000000) >>> 0, 7)
  return Buffer.concat([header, data, Buffer.alloc(4)])
}
const same = (data: Buffer) => data
const CODECS = {
  none: same,
  gzip: (data: Buffer) => gzipSync(data),
  snappy,
  lz4,
  zstd: (data: Buffer) => zstdCompressSync(data),
}
const CODEC_NAMES = Object.keys(CODECS)

const varint = (value: number) => {
  const bytes: number[] = []
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}
const sized = (text: string | null | undefined) => {
  if (text === null || text === undefined) return varint(-1)
  return Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)])
}

function encode({ key, value, timestamp = 0, headers = [] }: Sent, delta: number, base: number) {
  const body = Buffer.concat([
    Buffer.from([0]), // attributes
    varint(timestamp - base),
    varint(delta),
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [sized(name), sized(content)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

export const NOW = Date.now()

export function batchOf(given: (string | Sent)[], options: BatchOptions = {}) {
  const { producerId = -1, epoch = -1, sequence = -1, transactional = false, control = false, codec = 'none' } = options
  const sent = given.map((each) => ({ timestamp: NOW, ...(typeof each === 'string' ? { value: each } : each) }))
  const base = sent[0]?.timestamp ?? NOW
  const records = CODECS[codec](Buffer.concat(sent.map((each, delta) => encode(each, delta, base))))
  const writer = new Writer()
  writer.int64(0)
  writer.int32(HEADER_SIZE - 12 + records.length)
  writer.int32(-1)
  writer.int8(2)
  writer.int32(0)
  writer.int16(CODEC_NAMES.indexOf(codec) | (transactional ? 0x10 : 0) | (control ? 0x20 : 0))
  writer.int32(sent.length - 1)
  writer.int64(base)
  writer.int64(Math.max(...sent.map(({ timestamp }) => timestamp)))
  writer.int64(producerId)
  writer.int16(epoch)
  writer.int32(sequence)
  writer.int32(sent.length)
  writer.raw(records)
  return seal(writer.bytes())
}

/** The whole batches of what was fetched, which must be intact. */
export function batchesOf(fetched: Buffer | null) {
  const batches = []
  for (let rest = fetched ?? Buffer.alloc(0); rest.length >= HEADER_SIZE;) {
    const data = rest.subarray(0, 12 + rest.readInt32BE(8))
    const header = batchHeader(data)
    if (!header) break
    if (!isIntact(data)) throw new Error(`the batch at ${header.offset} is damaged`)
    const records = isControl(header) ? [] : (recordsOf(data, header) ?? [])
    batches.push({ header, records, control: isControl(header), codec: CODEC_NAMES[header.attributes & 7], data })
    rest = rest.subarray(data.length)
  }
  return batches
}

export const valuesOf = (fetched: Buffer | null) =>
  batchesOf(fetched).flatMap(({ records }) => records.map(({ value }) => String(value)))
