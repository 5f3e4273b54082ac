import type { Sql } from '../database.ts'
import type { Product, Versioned } from './schema.ts'
import { selectProduct, selectProducts } from './statements.ts'

/** Up to `limit` products with an id above `after`, by ascending id. */
export const findProducts = async (sql: Sql, page: { limit: number; after: number }) =>
  (await selectProducts(sql, page)) as Product[]

export async function findProduct(sql: Sql, id: number): Promise<Versioned | undefined> {
  const [row] = await selectProduct(sql, id)
  return row && toVersioned(row)
}

export function toVersioned({ version, ...product }: Record<string, unknown>): Versioned {
  return { product, version } as Versioned
}
