// GET /health

import { Hono } from 'hono'
import { HealthConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { errorFields, log } from '../lib/log.ts'
import { outboxHealth } from '../lib/outbox/health.ts'

const PATIENCE = 1_500 // ms the database may take: the answer is there within 2 s
const RETRY_AFTER = '5' // s
const STUCK = 120 // s an event may wait: the cron has then come by twice

export const health = new Hono<AppEnv<HealthConfig>>().get('/health', async (c) => {
  c.header('Cache-Control', 'no-store')
  try {
    const outbox = await outboxHealth(database(c.var.config, PATIENCE))
    const stuck = (outbox.oldest_age_seconds ?? 0) > STUCK
    const degraded = stuck || outbox.failures > 0 || outbox.held.length > 0 || outbox.dead > 0
    return c.json({ status: degraded ? 'degraded' : 'ok', database: 'ok', outbox }) // without Kafka the API takes products all the same
  } catch (error) {
    log('error', 'the database cannot be used', { requestId: c.var.requestId, ...errorFields(error) })
    return c.json({ status: 'down', database: 'down', outbox: null }, 503, { 'Retry-After': RETRY_AFTER })
  }
})

export default createApp(HealthConfig).route('/', health)
