import type { HonoRequest } from 'hono'
import type { HttpConfig } from '../config.ts'
import { problems } from './problems.ts'

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|([\w-]+\.)*localhost)$/

/**
 * A Worker whose database stands in for Neon's runs on somebody's machine, open to all programs there, but not to pages
 * in the browser: one whose name has come to mean 127.0.0.1 is of the same origin, and still asks for its own name (DNS
 * rebinding). Throws Problem 403.
 */
export function ownMachine(config: HttpConfig, request: HonoRequest) {
  const isLocal = 'NEON_PROXY_URL' in config && Boolean(config.NEON_PROXY_URL)
  if (!isLocal) return
  const host = (request.header('host') ?? new URL(request.url).host).replace(/:\d+$/, '')
  if (!LOOPBACK.test(host)) throw problems.notOurName()
}
