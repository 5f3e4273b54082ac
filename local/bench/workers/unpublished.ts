// POST /products without Idempotency-Key and Prefer, whose event nobody publishes: what the headers of HTTP and the log
// add to the statement.

import { Hono } from 'hono'
import { WriterConfig } from '../../../lib/config.ts'
import { database } from '../../../lib/database.ts'
import { createApp } from '../../../lib/http/app.ts'
import { authenticate } from '../../../lib/http/authenticate.ts'
import { jsonBody } from '../../../lib/http/body.ts'
import type { AppEnv } from '../../../lib/http/env.ts'
import { eventContext } from '../../../lib/products/event-context.ts'
import { NewProduct } from '../../../lib/products/schema.ts'
import { insertProduct } from '../../../lib/products/write.ts'

const unpublished = new Hono<AppEnv<WriterConfig>>().post(
  '/products',
  authenticate('write'),
  jsonBody(NewProduct),
  async (c) => {
    const { product } = await insertProduct(database(c.var.config), c.req.valid('json'), eventContext(c))
    return c.json(product, 201, { Location: `/products/${product.id}` })
  },
)

export default createApp(WriterConfig).route('/', unpublished)
