// GET /products/:id

import { Hono } from 'hono'
import { ReaderConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { noneMatch, versionHeaders } from '../lib/http/etag.ts'
import { problems } from '../lib/http/problems.ts'
import { findProduct } from '../lib/products/read.ts'
import { parseId } from '../lib/products/schema.ts'

export const getProduct = new Hono<AppEnv<ReaderConfig>>().get(
  '/products/:id{[0-9]+}',
  authenticate('read'),
  async (c) => {
    const found = await findProduct(database(c.get('config')), parseId(c.req.param('id')))
    if (!found) throw problems.noProduct()
    const headers = versionHeaders(found.version, 'private, no-cache') // may be kept, if it is asked for again
    if (!noneMatch(c.req.header('if-none-match'), found.version)) return c.body(null, 304, headers)
    return c.json(found.product, 200, headers)
  },
)

export default createApp(ReaderConfig).route('/', getProduct)
