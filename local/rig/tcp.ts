import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * Forwards a port of 127.0.0.1 to an address: what stands there is up as long as this is. After `silence` nothing
 * passes any more, and nobody is told: connections stay open.
 */
export async function forward(port: number, address = '') {
  const [host, target] = address.split(':')
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((socket) => {
    const onward = connect({ host, port: Number(target) })
    for (const end of [socket, onward]) {
      sockets.add(end)
      end.on('error', () => end.destroy()).on('close', () => sockets.delete(end))
    }
    if (!silent) socket.pipe(onward).pipe(socket)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    silence() {
      silent = true
      for (const socket of sockets) socket.unpipe()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
