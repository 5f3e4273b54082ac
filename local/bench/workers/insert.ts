// A Worker that inserts the product, and publishes nothing: what no way of publishing can be faster than.

import { neon, neonConfig } from '@neondatabase/serverless'

type Env = { DATABASE_URL: string; NEON_PROXY_URL: string }
type Product = { name: string; price: string; quantity: number }

export default {
  async fetch(request: Request, { DATABASE_URL, NEON_PROXY_URL }: Env) {
    neonConfig.fetchEndpoint = NEON_PROXY_URL
    const { name, price, quantity } = await request.json<Product>()
    const [product] = await neon(DATABASE_URL)`
      insert into products (name, price, quantity) values (${name}, ${price}, ${quantity}) returning id, name, price, quantity, created_at`
    return Response.json(product, { status: 201 })
  },
}
