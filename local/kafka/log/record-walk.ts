// A quick look at each record of a batch, for what every batch is asked when it comes: no record is cut out of it.

type Visit = (timestampDelta: number, hasKey: boolean) => void

/** Whether there are `count` whole records, and nothing else. Source: kafka.apache.org/documentation/#record */
export function walkRecords(records: Buffer, count: number, visit?: Visit) {
  const view = new DataView(records.buffer, records.byteOffset, records.length)
  let at = 0
  const number = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = view.getUint8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 128) return value % 2 ? -(value + 1) / 2 : value / 2
    }
  }
  try {
    for (let n = 0; n < count; n++) {
      const length = number()
      const end = at + length
      if (length < 0 || end > records.length) return false
      if (visit) {
        at++ // attributes
        const timestampDelta = number()
        number() // the offset, which is taken from its place
        visit(timestampDelta, number() >= 0)
        if (at > end) return false
      }
      at = end
    }
  } catch {
    return false // a number beyond the end
  }
  return at === records.length
}
