// A Worker that runs the statement of POST /products, and nothing else: neither the headers of HTTP, nor a log, nor a
// publisher.

import { database } from '../../../lib/database.ts'
import type { WriterConfig } from '../../../lib/config.ts'
import type { NewProduct } from '../../../lib/products/schema.ts'
import { insertProduct } from '../../../lib/products/write.ts'

type Env = Pick<WriterConfig, 'DATABASE_URL' | 'NEON_PROXY_URL' | 'PRODUCTS_TOPIC' | 'PRODUCTS_CHANGED_TOPIC'>

export default {
  async fetch(request: Request, env: Env) {
    const { product } = await insertProduct(database(env), await request.json<NewProduct>(), {
      eventId: crypto.randomUUID(),
    })
    return Response.json(product, { status: 201 })
  },
}
