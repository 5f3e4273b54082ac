import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { portOf } from '../machine/port-of.ts'

/** What a broker can do to a client instead of answering. */
const behaviours = {
  silent: () => {},
  'hanging up': (socket: Socket) => socket.end(),
  'talking nonsense': (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'silent after ApiVersions': (socket: Socket) =>
    socket.once('data', (request) => {
      const answer = Buffer.alloc(4 + 4 + 2 + 4 + 3 * 6) // length, correlation id, no error, three APIs: key, oldest, newest version
      answer.writeInt32BE(answer.length - 4, 0)
      request.copy(answer, 4, 8, 12)
      answer.writeInt32BE(3, 10)
      ;[0, 0, 7, 3, 0, 5, 18, 0, 2].forEach((value, i) => answer.writeInt16BE(value, 14 + 2 * i))
      socket.write(answer)
    }),
} satisfies Record<string, (socket: Socket) => unknown>

export type Behaviour = keyof typeof behaviours
export const allManners = Object.keys(behaviours) as Behaviour[]

/** Accepts connections on a free port of 127.0.0.1, and does not behave like Kafka. */
export async function startUnkindBroker(behaviour: Behaviour) {
  const open = new Set<Socket>()
  let accepted = 0
  let received = 0
  const server = createServer((socket) => {
    accepted++
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    socket.on('data', () => received++)
    behaviours[behaviour](socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  return {
    address: `127.0.0.1:${port}`,
    accepted: () => accepted,
    /** Requests so far, as each comes in one piece. */
    received: () => received,
    open: () => open.size,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
