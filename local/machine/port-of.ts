import type { Server } from 'node:net'

/** The TCP port that a server listens on. Throws an Error where it does not listen on one. */
export function portOf(server: Server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port')
  return address.port
}
