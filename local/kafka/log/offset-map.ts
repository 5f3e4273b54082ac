// The last offset of each key in a stretch of a log. As in Kafka it takes no more memory than it may
// (log.cleaner.dedupe.buffer.size): where there are more keys, the log is cleaned in several turns.

const MOST = 16 * 1024 * 1024 // bytes
const ENTRY = 64 // bytes that a key takes in a Map beside its own, about

export type OffsetMap = ReturnType<typeof offsetMap>

export function offsetMap(dirty: number, most = MOST) {
  const offsets = new Map<string, number>()
  let bytes = 0
  const text = (key: Buffer) => key.toString('latin1')

  return {
    /** The last offset that it knows all about; what follows stays as it is. */
    latest: dirty - 1,
    get full() {
      return bytes >= most
    },
    put(key: Buffer, offset: number) {
      const before = offsets.size
      offsets.set(text(key), offset)
      if (offsets.size > before) bytes += key.length + ENTRY
    },
    get: (key: Buffer) => offsets.get(text(key)) ?? -1,
  }
}
