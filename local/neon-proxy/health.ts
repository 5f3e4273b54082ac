import { once } from 'node:events'
import { connect } from 'node:net'
import type { Address } from './address.ts'

const PROTOCOL_3_0 = 0x0003_0000
const DEADLINE_MS = 2_000
const CANNOT_CONNECT_NOW = 'C57P03' // starting up, or shutting down

/**
 * Whether Postgres takes connections. Asks as pg_isready does, with no more than a first message: no password needed,
 * nothing in its log.
 */
export async function isReady({ host, port }: Address) {
  const socket = connect({ host, port })
  try {
    socket.write(startupMessage({ user: 'health', database: 'health' }))
    const [reply] = await once(socket, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })
    return !String(reply).includes(CANNOT_CONNECT_NOW)
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function startupMessage(parameters: Record<string, string>) {
  const body = Buffer.from(`${Object.entries(parameters).flat().join('\0')}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + body.length)
  head.writeInt32BE(PROTOCOL_3_0, 4)
  return Buffer.concat([head, body])
}
