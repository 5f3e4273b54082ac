import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './env.ts'
import { problems } from './problems.ts'

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|([\w-]+\.)*localhost)$/

/**
 * A Worker whose database stands in for Neon's runs on somebody's machine, open to all programs there, but not to pages
 * in the browser: one whose name has come to mean 127.0.0.1 is of the same origin, and still asks for its own name (DNS
 * rebinding). Throws Problem 403.
 */
export const ownMachine = createMiddleware<AppEnv>(async (c, next) => {
  const { config } = c.var
  const host = (c.req.header('host') ?? new URL(c.req.url).host).replace(/:\d+$/, '')
  const isLocal = 'NEON_PROXY_URL' in config && Boolean(config.NEON_PROXY_URL)
  if (isLocal && !LOOPBACK.test(host)) throw problems.notOurName()
  await next()
})
