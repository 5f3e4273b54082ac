const COPY_BELOW = 1024 // bytes: a small byte string costs less copied than as a chunk of its own

/** Gathers a frame as a list of chunks, so that record batches are sent without copying them. */
export class Writer {
  version: number
  flexible: boolean
  private chunks: Buffer[] = []
  private buffer = Buffer.allocUnsafe(512)
  private position = 0

  constructor(version = 0, flexible = false) {
    this.version = version
    this.flexible = flexible
  }

  int8(value: number) {
    const at = this.room(1)
    this.buffer.writeInt8(value, at)
  }
  int16(value: number) {
    const at = this.room(2)
    this.buffer.writeInt16BE(value, at)
  }
  int32(value: number) {
    const at = this.room(4)
    this.buffer.writeInt32BE(value, at)
  }
  int64(value: number) {
    this.int32(Math.floor(value / 2 ** 32))
    this.int32(value | 0)
  }
  float64(value: number) {
    const at = this.room(8)
    this.buffer.writeDoubleBE(value, at)
  }
  uvarint(value: number) {
    for (; value > 0x7f; value >>>= 7) this.int8((value & 0x7f) - 0x80)
    this.int8(value)
  }

  /** The length before a string, byte string or array; -1 stands for null. */
  size(width: 'int16' | 'int32', value: number) {
    if (this.flexible) this.uvarint(value + 1)
    else this[width](value)
  }

  noTags() {
    this.tags([])
  }

  /** Fields by their tags, in ascending order (KIP-482). */
  tags(fields: [tag: number, write: (writer: Writer) => void][]) {
    if (!this.flexible) return
    this.uvarint(fields.length)
    for (const [tag, write] of fields) {
      const field = new Writer(this.version, true)
      write(field)
      const bytes = field.bytes()
      this.uvarint(tag)
      this.uvarint(bytes.length)
      this.raw(bytes)
    }
  }

  raw(bytes: Buffer) {
    if (bytes.length <= COPY_BELOW) {
      const at = this.room(bytes.length)
      bytes.copy(this.buffer, at)
    } else {
      this.flush()
      this.chunks.push(bytes)
    }
  }

  bytes() {
    this.flush()
    return Buffer.concat(this.chunks)
  }

  /** The chunks of the whole frame, its length in front. */
  frame() {
    this.flush()
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(this.chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    return [size, ...this.chunks]
  }

  /** Makes room for `size` bytes and returns where they go. */
  private room(size: number) {
    if (this.position + size > this.buffer.length) {
      this.flush()
      this.buffer = Buffer.allocUnsafe(Math.max(size, 8192))
    }
    return (this.position += size) - size
  }

  private flush() {
    if (this.position) this.chunks.push(this.buffer.subarray(0, this.position))
    this.buffer = this.buffer.subarray(this.position)
    this.position = 0
  }
}
