// GET /products?limit=20&after=CURSOR

import { Hono } from 'hono'
import * as z from 'zod'
import { ReaderConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { createApp } from '../lib/http/app.ts'
import { authenticate } from '../lib/http/authenticate.ts'
import { decodeCursor, encodeCursor } from '../lib/http/cursor.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { parameter, query } from '../lib/http/query.ts'
import { DEFAULT_LIMIT, EXPECTED, MAX_LIMIT } from '../lib/products/page.ts'
import { findProducts } from '../lib/products/read.ts'

const Page = z.object({
  limit: parameter
    .transform((text = `${DEFAULT_LIMIT}`) => (/^\d{1,3}$/.test(text) ? Number(text) : NaN))
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, EXPECTED.limit),
  after: parameter
    .transform((cursor) => (cursor === undefined ? 0 : decodeCursor(cursor)))
    .refine((id) => id !== undefined, EXPECTED.after),
})

export const listProducts = new Hono<AppEnv<ReaderConfig>>().get(
  '/products',
  authenticate('read'),
  query(Page),
  async (c) => {
    const { limit, after } = c.req.valid('query')
    const found = await findProducts(database(c.get('config')), { limit: limit + 1, after }) // one more tells whether there is a next page
    const items = found.slice(0, limit)
    const last = items.at(-1)
    const next = last && found.length > limit ? encodeCursor(last.id) : null
    if (next) c.header('Link', `</products?limit=${limit}&after=${next}>; rel="next"`)
    return c.json({ items, next }, 200, { 'Cache-Control': 'private, no-cache' })
  },
)

export default createApp(ReaderConfig).route('/', listProducts)
