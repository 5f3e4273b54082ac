// POST /products/import

import { Hono } from 'hono'
import { WriterConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { eventContext } from '../lib/products/event-context.ts'
import { parseIdempotencyKey } from '../lib/http/idempotency-key.ts'
import { listBody } from '../lib/http/list.ts'
import { limitRows } from '../lib/http/rate-limit.ts'
import { drainOrWake, wakeIfKilled } from '../lib/outbox/wake.ts'
import { insertProductsOnce } from '../lib/products/idempotent.ts'
import { createdOrThrow } from '../lib/products/problems.ts'
import { NewProduct, NewProductRow } from '../lib/products/schema.ts'

export const importProducts = new Hono<AppEnv<WriterConfig>>().post(
  '/products/import',
  authenticate('write'),
  listBody(NewProduct, NewProductRow),
  async (c) => {
    const { config, caller } = c.var
    const products = c.req.valid('json')
    await limitRows(c.env.RATE_LIMITER, caller, products.length)
    const sql = database(config)
    const key = parseIdempotencyKey(c.req.header('idempotency-key'))
    wakeIfKilled(c)
    const once = await insertProductsOnce(sql, products, eventContext(c), { caller, key })
    const { created, eventId, replayed } = createdOrThrow(once)
    if (replayed) c.header('Idempotency-Replayed', 'true')
    if (eventId) c.set('eventId', eventId) // of a thousand the log says none
    c.executionCtx.waitUntil(drainOrWake(c.env, sql, config)) // after the commit and after the answer
    return c.json({ items: created.map(({ product }) => product) }, 201)
  },
)

export default createApp(WriterConfig).route('/', importProducts)
