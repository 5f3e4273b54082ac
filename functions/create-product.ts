// POST /products

import { Hono } from 'hono'
import { WriterConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import { jsonBody } from '../lib/http/body.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { versionHeaders } from '../lib/http/etag.ts'
import { eventContext } from '../lib/products/event-context.ts'
import { parseIdempotencyKey } from '../lib/http/idempotency-key.ts'
import { parseWait } from '../lib/http/prefer.ts'
import { waitForAcknowledgement } from '../lib/outbox/acknowledged.ts'
import { drainOrWake, wakeIfKilled } from '../lib/outbox/wake.ts'
import { insertProductOnce } from '../lib/products/idempotent.ts'
import { createdOrThrow } from '../lib/products/problems.ts'
import { NewProduct } from '../lib/products/schema.ts'

export const createProduct = new Hono<AppEnv<WriterConfig>>().post(
  '/products',
  authenticate('write'),
  jsonBody(NewProduct),
  async (c) => {
    const { config, caller } = c.var
    const sql = database(config)
    const key = parseIdempotencyKey(c.req.header('idempotency-key'))
    const seconds = parseWait(c.req.header('prefer'))
    const context = eventContext(c, seconds !== undefined)
    wakeIfKilled(c)
    const created = await insertProductOnce(sql, c.req.valid('json'), context, { caller, key })
    const { product, version, eventId, replayed } = createdOrThrow(created)
    if (replayed) c.header('Idempotency-Replayed', 'true')
    c.set('eventId', eventId)
    c.executionCtx.waitUntil(drainOrWake(c.env, sql, config)) // after the commit; the answer does not wait for its end

    if (seconds && (await waitForAcknowledgement(sql, eventId, seconds * 1000)))
      c.header('Preference-Applied', `wait=${seconds}`)
    return c.json(product, 201, { Location: `/products/${product.id}`, ...versionHeaders(version, 'no-store') })
  },
)

export default createApp(WriterConfig).route('/', createProduct)
