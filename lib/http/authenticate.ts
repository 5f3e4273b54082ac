import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { ReaderConfig } from '../config.ts'
import type { AppEnv } from './env.ts'
import { problems } from './problems.ts'
import { limitAddress, limitToken } from './rate-limit.ts'

/**
 * Lets in whoever has a token of this scope (RFC 6750), or anyone where API_TOKENS is none; a token that may write may
 * read. Throws Problem 401, 403 or 429.
 */
export const authenticate = (scope: 'read' | 'write') =>
  createMiddleware<AppEnv<ReaderConfig>>(async (c, next) => {
    const { API_TOKENS: tokens } = c.get('config')
    c.set('caller', '')
    if (tokens === 'none') return next()

    const [, given] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const digest = createHash('sha256')
      .update(given ?? '')
      .digest()
    const [token] = tokens.filter(({ hash }) => timingSafeEqual(Buffer.from(hash, 'hex'), digest)) // looks at all of them, always
    if (!given || !token) {
      await limitAddress(c.env.RATE_LIMITER, c.req.header('cf-connecting-ip')) // lest somebody tries tokens, or costs us as much as who has one
      throw given ? problems.unknownToken() : problems.noToken()
    }
    c.set('caller', token.hash)
    await limitToken(c.env.RATE_LIMITER, token.hash)
    if (scope === 'write' && token.scope === 'read') throw problems.readOnlyToken()
    await next()
  })
