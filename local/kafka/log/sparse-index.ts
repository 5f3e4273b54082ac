// The indexes of one segment, an entry for every few KB of it (index.interval.bytes): offset to position, and time to
// offset. Their files are as Kafka has them, .index and .timeindex: kafka.apache.org/documentation/#log

export type IndexEntry = { last: number; position: number }
export type TimeEntry = { timestamp: number; offset: number }

const INDEX_ENTRY = 8 // bytes: the offset relative to the segment's first, and the position
const TIME_ENTRY = 12 // bytes: the time, and the relative offset

/** The last entry that `precedes`; entries are in order. */
export function lastBefore<T>(entries: T[], precedes: (entry: T) => boolean) {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = entries[middle]
    if (entry !== undefined && precedes(entry)) low = middle + 1
    else high = middle
  }
  return entries[low - 1]
}

export function encodeIndex(entries: IndexEntry[], base: number) {
  const data = Buffer.allocUnsafe(entries.length * INDEX_ENTRY)
  for (const [i, { last, position }] of entries.entries()) {
    data.writeInt32BE(last - base, i * INDEX_ENTRY)
    data.writeInt32BE(position, i * INDEX_ENTRY + 4)
  }
  return data
}

/** The entries up to the first that makes no sense. */
export function decodeIndex(data: Buffer, base: number, size: number) {
  const entries: IndexEntry[] = []
  for (let at = 0; at + INDEX_ENTRY <= data.length; at += INDEX_ENTRY) {
    const entry = { last: base + data.readInt32BE(at), position: data.readInt32BE(at + 4) }
    const before = entries.at(-1) ?? { last: base - 1, position: -1 }
    if (entry.last <= before.last || entry.position <= before.position || entry.position >= size) break
    entries.push(entry)
  }
  return entries
}

export function encodeTimes(entries: TimeEntry[], base: number) {
  const data = Buffer.allocUnsafe(entries.length * TIME_ENTRY)
  for (const [i, { timestamp, offset }] of entries.entries()) {
    data.writeBigInt64BE(BigInt(timestamp), i * TIME_ENTRY)
    data.writeInt32BE(offset - base, i * TIME_ENTRY + 8)
  }
  return data
}

export function decodeTimes(data: Buffer, base: number) {
  const entries: TimeEntry[] = []
  for (let at = 0; at + TIME_ENTRY <= data.length; at += TIME_ENTRY) {
    const entry = { timestamp: Number(data.readBigInt64BE(at)), offset: base + data.readInt32BE(at + 8) }
    const before = entries.at(-1)
    if (before && (entry.timestamp <= before.timestamp || entry.offset <= before.offset)) break
    entries.push(entry)
  }
  return entries
}
