import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Address } from './address.ts'
import { MAX_BYTES, TUNNELS } from './limits.ts'

const GOING_AWAY = 1001 // RFC 6455, 7.4.1

type Refusal = (request: IncomingMessage) => string | undefined

/** Every WebSocket is a tunnel to the one Postgres; the address that the driver puts into the path is not followed. */
export function openTunnels(server: Server, { host, port }: Address, refusal: Refusal) {
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_BYTES })
  server.on('upgrade', (request, socket, head) => {
    const reason = refusal(request)
    if (reason) return refuse(socket, 403, reason)
    if (webSockets.clients.size >= TUNNELS)
      return refuse(socket, 503, `too many WebSockets at once (max is ${TUNNELS})`)
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket)
      pipeline(stream, connect({ host, port, noDelay: true }), stream, (error) => error && webSocket.terminate())
    })
  })
  return {
    close() {
      for (const webSocket of webSockets.clients) {
        webSocket.close(GOING_AWAY) // no error for the client, that is
        webSocket.terminate()
      }
    },
  }
}

function refuse(socket: Duplex, status: number, message: string) {
  const body = JSON.stringify({ message })
  const headers = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  socket.on('error', () => {}) // it is the other's loss
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', body].join('\r\n'))
}
