import type { Socket } from 'node:net'

export type Unfinished = ReturnType<typeof openUnfinished>

/**
 * What connections hold of requests that have not come to their end. Where it is too much, who holds most is cut off.
 */
export function openUnfinished(most: number) {
  const held = new Map<Socket, number>()
  let total = 0

  const forget = (socket: Socket) => {
    total -= held.get(socket) ?? 0
    held.delete(socket)
  }

  return {
    note(socket: Socket, bytes: number) {
      if (!held.has(socket)) socket.once('close', () => forget(socket))
      total += bytes - (held.get(socket) ?? 0)
      held.set(socket, bytes)
      if (total <= most) return
      const [largest] = [...held].reduce((one, other) => (other[1] > one[1] ? other : one))
      forget(largest)
      largest.destroy(new RangeError(`requests that do not come to their end hold more than ${most} bytes`))
    },
  }
}
