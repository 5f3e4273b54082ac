// The numbers inside of records: seven bits a byte, the lowest first, and the sign in the lowest bit of all.
// Source: kafka.apache.org/protocol, "Protocol Primitive Types", VARINT

const FULL = 0x80

/** The number at a place, and where the next thing begins. */
export function readVarint(data: Buffer, at: number) {
  let value = 0
  for (let factor = 1; ; factor *= FULL) {
    const byte = data.readUInt8(at++)
    value += (byte & 0x7f) * factor
    if (byte < FULL) return { value: value % 2 ? -(value + 1) / 2 : value / 2, next: at }
  }
}

export function varint(value: number) {
  let left = value < 0 ? -value * 2 - 1 : value * 2
  const bytes: number[] = []
  for (; left >= FULL; left = Math.floor(left / FULL)) bytes.push((left % FULL) | FULL)
  return Buffer.from([...bytes, left])
}
