import { Socket } from 'node:net'
import { noCopy, tooLarge } from './errors.ts'
import { MAX_BYTES } from './limits.ts'

const HEAD = 5 // of each message: its type, and a length that counts itself
const OVERHEAD = 16 * 1024 // more than Postgres adds to the values of a row: 4 bytes for each of up to 1,664 columns
const COPY = new Set(['G', 'H', 'W'].map((type) => type.charCodeAt(0))) // Copy…Response: In, Out, Both

/**
 * A socket to Postgres that ends, with an error for the client, where pg would go on: a COPY waits for data that no
 * request can carry, and a message is kept whole however large it is. Knows no more of the messages than how long they
 * are.
 */
export function openSocket() {
  const head = Buffer.alloc(HEAD)
  let known = 0 // bytes of the head
  let left = 0 // bytes of the present message that have yet to come
  const socket = new Socket()
  return socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const passed = Math.min(left, chunk.length - at)
      left -= passed
      at += passed
      const copied = chunk.copy(head, known, at, at + HEAD - known)
      known += copied
      at += copied
      if (known < HEAD) return
      known = 0
      left = head.readInt32BE(1) + 1 - HEAD
      if (left > MAX_BYTES + OVERHEAD) return void socket.destroy(tooLarge())
      if (COPY.has(head.readUInt8())) return void socket.destroy(noCopy())
    }
  })
}
