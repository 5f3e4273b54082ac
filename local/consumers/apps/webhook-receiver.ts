// The other side of a webhook, for a machine that has none: it checks what a receiver should check, and says what it
// got.

import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { sign } from './webhook-signature.ts'
import { portOf } from '../../machine/port-of.ts'

const REMEMBERED = 10_000 // ids
const TOLERANCE = 300 // seconds, as Standard Webhooks recommends: an old request may be somebody else's copy

/** Listens on a free port of this machine only. */
export async function startReceiver(secret: string, say: (sentence: string) => void) {
  const seen = new Set<string>()
  const server = createServer((request, response) => {
    answer(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()

  async function answer(request: IncomingMessage) {
    if (request.method !== 'POST') return 405
    const body = await text(request)
    const id = headerOf(request, 'webhook-id')
    const timestamp = headerOf(request, 'webhook-timestamp')
    const wrong = !isSigned(secret, id, timestamp, body, headerOf(request, 'webhook-signature'))
    if (wrong || Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE) {
      say('the receiver refused a request: its signature is wrong or old')
      return 401
    }
    say(
      seen.has(id)
        ? `the receiver got ${id} again, and did nothing`
        : `the receiver got ${id}, rightly signed: ${body}`,
    )
    seen.add(id)
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED) break
      seen.delete(oldest)
    }
    return 204
  }
  return { url: `http://127.0.0.1:${portOf(server)}/`, close: () => server.close() }
}

const headerOf = (request: IncomingMessage, name: string) => String(request.headers[name] ?? '')

function isSigned(secret: string, id: string, timestamp: string, body: string, signature: string) {
  const [given, right] = [signature, sign(secret, id, timestamp, body)].map((each) => Buffer.from(each))
  return given !== undefined && right !== undefined && given.length === right.length && timingSafeEqual(given, right)
}
