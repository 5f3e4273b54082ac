// GET /health: whether the API can be used, and GET /health/live: whether it runs

import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { ReaderConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { problems } from '../lib/http/problems.ts'
import { limitAddress } from '../lib/http/rate-limit.ts'
import { remembered } from '../lib/http/remembered.ts'
import { errorFields, log } from '../lib/log.ts'
import { type OutboxHealth, outboxHealth } from '../lib/outbox/health.ts'

const MEMORY = 2_000 // ms an isolate remembers how it is: so much older an answer may be
const PATIENCE = 1_500 // ms the database may take: the answer is there within 2 s
const GRACE = 500 // ms more that others wait: at the very end of its patience they would ask once more, and answer late
const STUCK = 120 // s an event may wait: the alarm that its Worker has set has then come by

type Env = AppEnv<ReaderConfig>
type Health = { status: 'ok' | 'degraded' | 'down'; database: 'ok' | 'down'; outbox: OutboxHealth | null }

const howItIs = remembered<Health>(MEMORY, PATIENCE + GRACE)

/**
 * A token is looked at where there is one. Who brings none, or one to an API that asks for none, is limited by address.
 * Throws Problem 401 or 429.
 */
const admit = createMiddleware<Env>(async (c, next) => {
  const isOpen = c.var.config.API_TOKENS === 'none'
  if (!isOpen && c.req.header('authorization') !== undefined) return authenticate('read')(c, next)
  c.set('caller', '')
  await limitAddress(c.env.RATE_LIMITER, c.req.header('cf-connecting-ip'))
  await next()
})

export const health = new Hono<Env>()
  .get('/health', admit, async (c) => {
    const asked = howItIs(() => look(c))
    c.executionCtx.waitUntil(asked) // others wait for what it finds, though its own client may leave
    const { status, ...details } = await asked
    const knowsAll = c.var.caller !== '' || c.var.config.API_TOKENS === 'none'
    return c.json({ status, ...(knowsAll && details) }, status === 'down' ? 503 : 200, {
      'Cache-Control': 'no-store',
      ...(status === 'down' && problems.noDatabase().headers),
    })
  })
  .get('/health/live', (c) => c.json({ status: 'ok' as const }, 200, { 'Cache-Control': 'no-store' }))

async function look(c: Context<Env>): Promise<Health> {
  try {
    const outbox = await outboxHealth(database(c.var.config, PATIENCE))
    const stuck = (outbox.oldest_age_seconds ?? 0) > STUCK
    const degraded = stuck || outbox.failures > 0 || outbox.held.length > 0 || outbox.dead > 0
    return { status: degraded ? 'degraded' : 'ok', database: 'ok', outbox } // without Kafka the API takes products all the same
  } catch (error) {
    log('error', 'the database cannot be used', { requestId: c.var.requestId, ...errorFields(error) })
    return { status: 'down', database: 'down', outbox: null }
  }
}

export default createApp(ReaderConfig).route('/', health)
