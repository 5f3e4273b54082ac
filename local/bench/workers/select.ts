// A Worker that runs the statement of GET /products/1 or of GET /products?limit=50, and nothing else.

import { database } from '../../../lib/database.ts'
import type { ReaderConfig } from '../../../lib/config.ts'
import { findProduct, findProducts } from '../../../lib/products/read.ts'

type Env = Pick<ReaderConfig, 'DATABASE_URL' | 'NEON_PROXY_URL'>

export default {
  async fetch({ url }: Request, env: Env) {
    const sql = database(env)
    return Response.json(
      url.includes('?') ? await findProducts(sql, { limit: 51, after: 0 }) : (await findProduct(sql, 1))?.product,
    )
  },
}
