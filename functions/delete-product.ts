// DELETE /products/:id

import { Hono } from 'hono'
import { WriterConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import { doneOrThrow } from '../lib/products/problems.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { parseIfMatch } from '../lib/http/etag.ts'
import { eventContext } from '../lib/products/event-context.ts'
import { drainOrWake, wakeIfKilled } from '../lib/outbox/wake.ts'
import { parseId } from '../lib/products/schema.ts'
import * as products from '../lib/products/write.ts'

export const deleteProduct = new Hono<AppEnv<WriterConfig>>().delete(
  '/products/:id{[0-9]+}',
  authenticate('write'),
  async (c) => {
    const { config } = c.var
    const sql = database(config)
    const target = { id: parseId(c.req.param('id')), versions: parseIfMatch(c.req.header('if-match')) }
    wakeIfKilled(c)
    const { eventId } = doneOrThrow(await products.deleteProduct(sql, target, eventContext(c)))
    c.set('eventId', eventId)
    c.executionCtx.waitUntil(drainOrWake(c.env, sql, config)) // after the commit and after the answer
    return c.body(null, 204)
  },
)

export default createApp(WriterConfig).route('/', deleteProduct)
