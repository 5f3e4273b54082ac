// A socket to a broker, and what passes through it.

import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { frameCutter } from './frames.ts'
import { METADATA } from './metadata.ts'

type Address = { host: string; port: number }
type Told = { onConnect: () => void; onHandshakeFailed: () => void }

export const openSocket = (address: Address, tls: boolean, { onConnect, onHandshakeFailed }: Told): Socket =>
  tls ? secure(address, onConnect, onHandshakeFailed) : connect(address, onConnect)

/**
 * TCP, and TLS on top of it. workerd tells of a failed connection nothing but that: only so is it known which of the
 * two has failed.
 */
function secure({ host, port }: Address, onConnect: () => void, onHandshakeFailed: () => void) {
  let shaking = false
  const tcp = connect({ host, port }, () => (shaking = true))
  const servername = isIP(host) ? '' : host // an address has none: RFC 6066, section 3
  const socket = connectTls({ socket: tcp, host, servername }, () => {
    shaking = false
    onConnect()
  })
  tcp.once('error', (error) => socket.destroy(error))
  return socket.once('error', () => shaking && onHandshakeFailed()).once('close', () => tcp.destroy())
}

/**
 * The same socket for a client that writes a request at a time. Each Metadata answer goes through `onMetadata` before
 * the client sees it.
 */
export function tapMetadata(socket: Socket, onMetadata: (answer: Buffer) => void): Socket {
  const awaited = new Set<number>() // correlation ids
  const cut = frameCutter()
  const write = (request: Buffer, ...rest: []) => {
    if (request.length >= 12 && request.readInt16BE(4) === METADATA) awaited.add(request.readInt32BE(8))
    return socket.write(request, ...rest)
  }
  const on = (event: string, listener: (...args: unknown[]) => void) =>
    socket.on(
      event,
      event === 'data' ? (chunk: Buffer) => cut(chunk).forEach((answer) => listener(seen(answer))) : listener,
    )
  const seen = (answer: Buffer) => {
    if (answer.length >= 8 && awaited.delete(answer.readInt32BE(4))) onMetadata(answer)
    return answer
  }
  return new Proxy(socket, {
    get(target, name) {
      if (name === 'write') return write
      if (name === 'on') return on
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
