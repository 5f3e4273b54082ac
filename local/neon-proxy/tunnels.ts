import type { Server } from 'node:http'
import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Address } from './address.ts'

/** Every WebSocket is a tunnel to the one Postgres; the address that the driver puts into the path is not followed. */
export function openTunnels(server: Server, { host, port }: Address) {
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false })
  webSockets.on('connection', (webSocket) => {
    const stream = createWebSocketStream(webSocket)
    pipeline(stream, connect({ host, port, noDelay: true }), stream, () => webSocket.terminate())
  })
  return {
    close() {
      for (const webSocket of webSockets.clients) webSocket.terminate()
    },
  }
}
