const MAX_ELEMENTS = 100_000 // of all arrays of a message together: more than any client asks for, and soon read

/**
 * Takes primitive values off a request. `flexible` (KIP-482) decides how lengths are written. A read past the end
 * throws a RangeError.
 */
export class Reader {
  version: number
  flexible: boolean
  private buffer: Buffer
  private position = 0
  private elements = 0

  constructor(buffer: Buffer, version = 0, flexible = false) {
    this.buffer = buffer
    this.version = version
    this.flexible = flexible
  }

  get left() {
    return this.buffer.length - this.position
  }

  int8() {
    return this.buffer.readInt8((this.position += 1) - 1)
  }
  int16() {
    return this.buffer.readInt16BE((this.position += 2) - 2)
  }
  int32() {
    return this.buffer.readInt32BE((this.position += 4) - 4)
  }
  /**
   * Offsets and times stay far below 2^53. What is beyond counts as the last whole number that is exact, which can be
   * written again.
   */
  int64() {
    const value = this.int32() * 2 ** 32 + (this.int32() >>> 0)
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER))
  }
  float64() {
    return this.buffer.readDoubleBE((this.position += 8) - 8)
  }

  uvarint() {
    for (let value = 0, shift = 0; shift < 35; shift += 7) {
      const byte = this.int8()
      value += (byte & 0x7f) * 2 ** shift
      if (byte >= 0) return value
    }
    throw new RangeError('varint is too long')
  }

  take(size: number) {
    if (size < 0 || size > this.left) throw new RangeError('message is truncated')
    return this.buffer.subarray(this.position, (this.position += size))
  }

  /** The length before a string, byte string or array; -1 stands for null. */
  size(width: 'int16' | 'int32') {
    return this.flexible ? this.uvarint() - 1 : this[width]()
  }

  /** Counts the elements of an array before they are read. */
  expect(elements: number) {
    this.elements += elements
    if (elements > this.left) throw new RangeError('array is longer than its message')
    if (this.elements > MAX_ELEMENTS) throw new RangeError(`a message with more than ${MAX_ELEMENTS} elements`)
  }

  /** Tagged fields are optional by the protocol. */
  skipTags() {
    this.tags()
  }

  /** What is in each, by its tag (KIP-482). */
  tags() {
    const fields = new Map<number, Reader>()
    if (!this.flexible) return fields
    const count = this.uvarint()
    this.expect(count)
    for (let n = 0; n < count; n++) {
      const tag = this.uvarint()
      fields.set(tag, new Reader(this.take(this.uvarint()), this.version, true))
    }
    return fields
  }
}
