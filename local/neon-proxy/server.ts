// A stand-in for Neon's proxy, in front of any Postgres: SQL over HTTP, and Postgres' own protocol over WebSocket.
// Replies, status codes and limits are those of the proxy that Neon runs (neondatabase/neon, proxy/src/serverless).

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { errorReply, HttpError } from './errors.ts'
import { isReady } from './health.ts'
import { openPools, type Pools } from './pools.ts'
import { answer } from './sql.ts'
import { openTunnels } from './tunnels.ts'
import type { Address } from './address.ts'

const MAX_BYTES = 10 * 1024 * 1024 // of a request and of a reply, as in Neon's config.rs
const KEEP_ALIVE_MS = 120_000 // longer than a client keeps an idle connection: none meets a reset

export type Options = { port: number; host?: string; postgres: Address }

/** `url` is the SQL endpoint, for `neonConfig.fetchEndpoint`. Port 0 takes any free one. */
export async function startNeonProxy({ port, host = '127.0.0.1', postgres }: Options) {
  const pools = openPools(postgres)
  const server = createServer((request, response) => {
    respond(request, pools, postgres).then(
      ([status, body]) => reply(response, status, body),
      (error) => reply(response, ...errorReply(error)),
    )
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await once(server.listen(port, host), 'listening')
  const tunnels = openTunnels(server, postgres)
  const address = server.address()
  return {
    url: `http://${host}:${typeof address === 'object' && address ? address.port : port}/sql`,
    async close() {
      tunnels.close()
      server.close()
      server.closeAllConnections()
      await pools.close()
    },
  }
}

async function respond(request: IncomingMessage, pools: Pools, postgres: Address): Promise<[status: number, body: unknown]> {
  const { pathname } = new URL(request.url ?? '/', 'http://proxy')
  if (pathname === '/health') return (await isReady(postgres)) ? [200, { status: 'ok' }] : [503, { message: 'Postgres does not answer' }]
  if (pathname !== '/sql') throw new HttpError(400, 'query is not supported')
  if (request.method === 'OPTIONS') return [200, null]
  if (request.method !== 'POST') throw new HttpError(400, 'query is not supported')
  return [200, await answer(request.headers, await read(request), pools)]
}

/** A body that is too large is read to its end but not kept, as a client that is still sending does not listen. */
async function read(request: IncomingMessage) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
  }
  if (size > MAX_BYTES) throw new HttpError(413, `request is too large (max is ${MAX_BYTES} bytes)`)
  return Buffer.concat(chunks).toString()
}

function reply(response: ServerResponse, status: number, body: unknown) {
  const text = Buffer.from(JSON.stringify(body))
  if (text.length > MAX_BYTES) return reply(response, 507, { message: `response is too large (max is ${MAX_BYTES} bytes)` })
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': text.length,
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': '*',
  }
  response.writeHead(status, headers).end(text)
}
