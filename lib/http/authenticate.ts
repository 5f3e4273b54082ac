import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { ReaderConfig } from '../config.ts'
import { errorFields, log } from '../log.ts'
import type { AppEnv } from './env.ts'
import { Problem } from './problem.ts'

export const PERIOD = '10' // s, as in the rate limits of wrangler.toml

/**
 * Lets in whoever has a token of this scope (RFC 6750), or anyone where API_TOKENS is none; a token that may write may read.
 * Throws Problem 401, 403 or 429.
 */
export const authenticate = (scope: 'read' | 'write') =>
  createMiddleware<AppEnv<ReaderConfig>>(async (c, next) => {
    const { API_TOKENS: tokens } = c.var.config
    c.set('caller', '')
    if (tokens === 'none') return next()

    const [, given] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (!given) throw new Problem(401, 'A bearer token is needed.', { headers: { 'WWW-Authenticate': 'Bearer' } })
    const digest = createHash('sha256').update(given).digest()
    const [token] = tokens.filter(({ hash }) => timingSafeEqual(Buffer.from(hash, 'hex'), digest)) // looks at all of them, always
    if (!token)
      throw new Problem(401, 'This token is not known.', {
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      })
    c.set('caller', token.hash)
    if (!(await isWithinLimit(c.env.RATE_LIMITER, token.hash)))
      throw new Problem(429, 'This token has made too many requests.', { headers: { 'Retry-After': PERIOD } })
    if (scope === 'write' && token.scope === 'read')
      throw new Problem(403, 'This token may only read.', {
        headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
      })
    await next()
  })

/** A limiter that fails limits nobody. */
export async function isWithinLimit(limiter: AppEnv['Bindings']['RATE_LIMITER'], key: string) {
  try {
    return !limiter || (await limiter.limit({ key })).success
  } catch (error) {
    log('error', 'the rate limit cannot be told', errorFields(error))
    return true
  }
}
