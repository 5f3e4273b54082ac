// A stand-in for Neon's proxy, in front of any Postgres: SQL over HTTP, and Postgres' own protocol over WebSocket.
// Replies, status codes and limits are those of the proxy that Neon runs (neondatabase/neon, proxy/src/serverless).

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { loopbackOnly } from '../machine/loopback-only.ts'
import type { Address } from './address.ts'
import { errorReply, HttpError } from './errors.ts'
import { isReady } from './health.ts'
import { MAX_BYTES } from './limits.ts'
import { openPools, type Pools } from './pools.ts'
import { answer } from './sql.ts'
import { openTunnels } from './tunnels.ts'
import { portOf } from '../machine/port-of.ts'

const KEEP_ALIVE_MS = 120_000 // longer than a client keeps an idle connection: none meets a reset

/** `names` are host names that it is asked for, beside the loopback's; `statementMs` is the deadline of a statement. */
export type Options = {
  port: number
  host?: string
  names?: readonly string[]
  postgres: Address
  statementMs?: number
}

/** `url` is the SQL endpoint, for `neonConfig.fetchEndpoint`. Port 0 takes any free one. */
export async function startNeonProxy({ port, host = '127.0.0.1', names, postgres, statementMs }: Options) {
  const server = createServer()
  const pools = openPools(postgres, statementMs)
  await once(server.listen(port, host), 'listening')
  const ownPort = portOf(server)
  const refusal = loopbackOnly(ownPort, names)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const reason = refusal(request.headers)
    if (reason) return reply(response.setHeader('Connection', 'close'), 403, JSON.stringify({ message: reason }))
    respond(request, response, pools, postgres).then(
      (body) => reply(response, 200, body),
      (error) => {
        const [status, body] = errorReply(error)
        reply(response, status, JSON.stringify(body))
      },
    )
  })
  const tunnels = openTunnels(server, postgres, ({ headers }) => refusal(headers))
  return {
    url: `http://${host}:${ownPort}/sql`,
    async close() {
      tunnels.close()
      server.close()
      server.closeAllConnections()
      await pools.close()
    },
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, pools: Pools, postgres: Address) {
  const path = request.url?.replace(/\?.*/s, '')
  if (path === '/health') {
    if (await isReady(postgres)) return '{"status":"ok"}'
    throw new HttpError(503, 'Postgres does not answer')
  }
  if (path !== '/sql' || request.method !== 'POST') throw new HttpError(400, 'query is not supported')
  return answer(request.headers, await read(request), pools, response)
}

/**
 * A body that is too large is read to its end but not kept, as a client that is still sending does not listen. By
 * events: an iterator shows in a profile of small requests.
 */
function read(request: IncomingMessage) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
  })
  request.on('end', () => {
    if (size > MAX_BYTES) reject(new HttpError(413, `request is too large (max is ${MAX_BYTES} bytes)`))
    else resolve(Buffer.concat(chunks).toString())
  })
  request.on('error', reject)
  return promise
}

function reply(response: ServerResponse, status: number, body: string) {
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    .end(body)
}
