// Who may talk to the console: the page that it has served itself, and programs of this machine. It starts processes
// and writes products, so each line names what it keeps out. Everything is checked before it is routed, files and
// streams too.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type Refusal = { status: number; reason: string; headers?: { Allow: string } }

/** The header that carries the token of this start, which is written into the page. */
const TOKEN_HEADER = 'console-token'

/** Bytes of a body. */
export const MOST_BYTES = 65_536

/** Nothing from elsewhere, no inline script or style, no frame, no reading by another origin. */
export const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin', // <script src> and <img> of another page (XSSI)
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const

type Asked = { method: string; headers: IncomingHttpHeaders }

/**
 * For a console on `port` whose page carries `token`: why a request is refused, or undefined.
 * @example
 * const refusal = refusals(8080, token)
 * const refused = refusal({ method: 'POST', headers: request.headers }) // { status: 403, reason: '…' }
 */
export function refusals(port: number, token: string) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const origins = hosts.map((host) => `http://${host}`)

  return ({ method, headers }: Asked): Refusal | undefined => {
    // DNS rebinding: the name of a foreign page has come to mean 127.0.0.1. Its requests still say that name.
    if (!headers.host || !hosts.includes(headers.host))
      return { status: 421, reason: `This is ${hosts.join(' or ')}, and no other host.` }

    // A page of another port or site, which could read nothing, but would use up what the console has: streams above
    // all.
    const site = headers['sec-fetch-site']
    const visited = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' // somebody has followed a link
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !visited)
      return { status: 403, reason: 'Pages of another origin are not answered.' }

    if (method === 'GET' || method === 'HEAD') return undefined
    if (method !== 'POST')
      // No answer to a preflight ever allows anything.
      return { status: 405, reason: `${method} is not served.`, headers: { Allow: 'GET, HEAD, POST' } }

    // Forms and scripts of other pages (CSRF). A browser names the origin of each POST; who names none is no page of
    // ours.
    if (!headers.origin || !origins.includes(headers.origin))
      return { status: 403, reason: 'What changes something needs the Origin of this page.' }
    // What a page may send without a preflight is text/plain, which c.req.json() of Hono would take.
    if (headers['content-type'] !== 'application/json')
      return { status: 415, reason: 'Content-Type is application/json.' }
    // Another program that has not read the page of this start.
    if (!sameText(String(headers[TOKEN_HEADER] ?? ''), token))
      return { status: 403, reason: 'The token is not that of this start: load the page again.' }
    return undefined
  }
}

/** In a time that does not say how much of it is right. */
const sameText = (one: string, other: string) => timingSafeEqual(sha256(one), sha256(other))
const sha256 = (text: string) => createHash('sha256').update(text).digest()
