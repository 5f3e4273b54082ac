// What compaction leaves of one batch. A batch whose records all stay is kept as it is; one that loses some is written
// anew with the same offsets and sequences, so that the offsets have a hole. The batch that remembers when its tombstones
// may go has that time for its base (KIP-534).

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type BatchHeader, codecOf, deleteHorizonOf, isControl, isStamped, withRecords } from '../batch.ts'
import { recordsOf, type StoredRecord } from './records.ts'
import { readVarint, varint } from './varint.ts'

export type Fate = {
  /** All of its records go: it is of an aborted transaction, or a marker whose time has come. */
  discarded: boolean
  /** It is a marker that ends nothing, and may go after the time for which tombstones are kept. */
  endsNothing: boolean
  /** It stays even without records: it has the last sequence of its producer, or the last offset of all. */
  keptEmpty: boolean
}
type Keep = (record: StoredRecord, header: BatchHeader) => boolean

/** undefined where nothing stays. A batch that nobody can read stays as it is. */
export function compactBatch(data: Buffer, header: BatchHeader, fate: Fate, keep: Keep, deleteHorizon: number) {
  const records = fate.discarded ? [] : recordsOf(data, header)
  if (!records) return data
  const kept = isControl(header) ? records : records.filter((record) => keep(record, header))
  if (!kept.length) return fate.keptEmpty ? emptied(data) : undefined
  const known = deleteHorizonOf(header)
  const dies = fate.endsNothing || (!isControl(header) && kept.some(({ value }) => value === null))
  const horizon = known ?? (dies ? deleteHorizon : undefined)
  if (kept.length === records.length && horizon === known) return data
  const shift = header.baseTimestamp - (horizon ?? header.baseTimestamp)
  const { codec, compress } = CODECS[codecOf(header)] ?? GZIP
  return withRecords(data, compress(Buffer.concat(kept.map((record) => rebased(record, shift)))), {
    count: kept.length,
    codec,
    ...(!isStamped(header) && { maxTimestamp: latestOf(kept) }),
    ...(horizon !== undefined && { deleteHorizon: horizon }),
  })
}

const NO_TIMESTAMP = -1
/** There may be more of them than a function takes arguments. */
const latestOf = (records: StoredRecord[]) =>
  records.reduce((latest, { timestamp }) => Math.max(latest, timestamp), NO_TIMESTAMP)
const emptied = (data: Buffer) =>
  withRecords(data, Buffer.alloc(0), { count: 0, codec: 0, baseTimestamp: NO_TIMESTAMP })

/** A record whose time counts from another base, which lies `shift` ms before that of its batch. */
function rebased({ bytes }: StoredRecord, shift: number) {
  if (!shift) return bytes
  const attributes = readVarint(bytes, 0).next
  const delta = readVarint(bytes, attributes + 1)
  const changed = varint(delta.value + shift)
  const rest = bytes.subarray(delta.next)
  return Buffer.concat([
    varint(1 + changed.length + rest.length),
    bytes.subarray(attributes, attributes + 1),
    changed,
    rest,
  ])
}

// Node.js compresses neither Snappy nor LZ4. What was compressed by these becomes gzip, which every client can read.
const GZIP = { codec: 1, compress: (data: Buffer): Buffer => gzipSync(data, { level: 1 }) }
const CODECS: Record<number, typeof GZIP> = {
  0: { codec: 0, compress: (data) => data },
  4: { codec: 4, compress: zstdCompressSync },
}
