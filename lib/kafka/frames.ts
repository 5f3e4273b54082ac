/**
 * Cuts a stream into Kafka's frames, each with its size of 4 bytes before it:
 * https://kafka.apache.org/protocol#protocol_common
 */
export function frameCutter() {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk: Buffer): Buffer[] => {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
    const frames: Buffer[] = []
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE()) {
      const size = 4 + rest.readInt32BE()
      frames.push(rest.subarray(0, size))
      rest = rest.subarray(size)
    }
    return frames
  }
}
