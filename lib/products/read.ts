import type { Sql } from '../database.ts'
import type { Product, Versioned } from './schema.ts'

/** Up to `limit` products with an id above `after`, by ascending id. */
export async function findProducts(sql: Sql, { limit, after }: { limit: number; after: number }): Promise<Product[]> {
  const products = await sql`
    select ${columns(sql)} from products as product where product.id > ${after} order by product.id limit ${limit}`
  return products as Product[]
}

export async function findProduct(sql: Sql, id: number): Promise<Versioned | undefined> {
  const [row] = await sql`select ${columns(sql)}, product.version from products as product where product.id = ${id}`
  return row && toVersioned(row)
}

/** The columns of an answer, of what is called `product`. An id is exact as a double up to 2^53, and as one the driver gives a number. */
export const columns = (sql: Sql) => sql`
  product.id::float8 as id, product.name, product.price::text as price, product.quantity, rfc3339(product.created_at) as created_at`

export function toVersioned({ version, ...product }: Record<string, unknown>): Versioned {
  return { product, version } as Versioned
}
