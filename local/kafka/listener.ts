// The port of one node, and the connections of its clients.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { serve } from './connection.ts'
import type { Node } from './node.ts'
import type { Endpoint } from './requests/endpoint.ts'
import type { Unfinished } from './unfinished.ts'
import { portOf } from '../machine/port-of.ts'

export type Limits = {
  connections: number // of a node, as Kafka's max.connections; well below the files that a process may open
  unfinished: number // bytes, as Kafka's queued.max.request.bytes would bound them; there it is off by default
  idle: number // ms without a byte until a connection is ended, as Kafka's connections.max.idle.ms
}
export const LIMITS: Limits = { connections: 2_000, unfinished: 256 * 1024 * 1024, idle: 600_000 }
const GRACE = 1_000 // ms for clients to take their last answer

export type Listener = Awaited<ReturnType<typeof listen>>

/**
 * Resolves when clients can connect; where the node's port is 0, it gets the one that was free. Throws the listening
 * error.
 */
export async function listen(
  node: Node,
  endpoints: Map<number, Endpoint>,
  unfinished: Unfinished,
  log: (message: string) => void,
  { connections, idle }: Limits,
) {
  const sockets = new Set<Socket>() // who was silent for longest is the first
  const leaving = new AbortController()

  const accept = (socket: Socket) => {
    const gone = new AbortController()
    const [silent] = sockets
    if (silent && sockets.size >= connections) silent.destroy(new RangeError(`more than ${connections} connections`))
    sockets.add(socket)
    const heard = () => {
      if (sockets.delete(socket)) sockets.add(socket)
    }
    socket.setTimeout(idle, () => socket.destroy())
    socket.on('error', () => {}) // a connection that breaks off is the client's affair
    socket.on('close', () => {
      sockets.delete(socket)
      gone.abort()
    })
    serve(socket, node, endpoints, { gone: gone.signal, leaving: leaving.signal, heard, unfinished }).catch(
      (error: unknown) => {
        if (!gone.signal.aborted) log(`${socket.remoteAddress}:${socket.remotePort} cut off: ${String(error)}`)
        socket.destroy()
      },
    )
  }

  const server = createServer({ noDelay: true }, accept)
  await once(server.listen(node.port, node.bind), 'listening')
  node.port = portOf(server)

  const close = async (end: (socket: Socket) => void) => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) end(socket)
    await closed
  }
  return {
    /** Ends every connection, whatever is under way on it. */
    close: () => close((socket) => socket.destroy()),
    /** The same, and clients are told at once that their connections are dead, without an answer. */
    reset: () => close((socket) => socket.resetAndDestroy()),
    /** Answers what is under way, then ends each connection; those that are not over within a second are cut off. */
    async drain() {
      const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE)
      leaving.abort()
      await close(() => {})
      clearTimeout(late)
    },
  }
}
