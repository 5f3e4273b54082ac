// PATCH /products/:id

import { Hono } from 'hono'
import { WriterConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import { jsonBody, PATCH_TYPES } from '../lib/http/body.ts'
import { doneOrThrow } from '../lib/products/problems.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { parseIfMatch, versionHeaders } from '../lib/http/etag.ts'
import { eventContext } from '../lib/products/event-context.ts'
import { drainOrWake, wakeIfKilled } from '../lib/outbox/wake.ts'
import { parseId, ProductChange } from '../lib/products/schema.ts'
import { updateProduct } from '../lib/products/write.ts'

export const changeProduct = new Hono<AppEnv<WriterConfig>>().patch(
  '/products/:id{[0-9]+}',
  authenticate('write'),
  jsonBody(ProductChange, PATCH_TYPES),
  async (c) => {
    const { config } = c.var
    const sql = database(config)
    const target = { id: parseId(c.req.param('id')), versions: parseIfMatch(c.req.header('if-match')) }
    wakeIfKilled(c)
    const { product, version, eventId } = doneOrThrow(
      await updateProduct(sql, target, c.req.valid('json'), eventContext(c)),
    )
    c.set('eventId', eventId)
    c.executionCtx.waitUntil(drainOrWake(c.env, sql, config)) // after the commit and after the answer
    return c.json(product, 200, versionHeaders(version, 'no-store'))
  },
)

export default createApp(WriterConfig).route('/', changeProduct)
