// Creation that can be repeated: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { createHash } from 'node:crypto'
import { NeonDbError } from '@neondatabase/serverless'
import type { Sql } from '../database.ts'
import type { EventContext } from './events.ts'
import { FORGET, forget } from '../forget.ts'
import type { NewProduct, Versioned } from './schema.ts'
import { insertUnderKey } from './statements.ts'
import { type Done, insertProduct, insertProducts } from './write.ts'

/** The client's key, if it sent one, and who it is: two callers may use the same key. */
type Request = { caller: string; key: string | undefined }
/** What came of a creation under a key that may have been used before. */
export type Once<T> = (T & { replayed: boolean }) | 'in flight' | 'other body'

const UNIQUE_VIOLATION = '23505' // https://www.postgresql.org/docs/current/errcodes-appendix.html

/**
 * Inserts the product, unless its key has been used. Without a key there is nothing to remember, and nothing to look
 * for.
 */
export async function insertProductOnce(
  sql: Sql,
  product: NewProduct,
  context: EventContext,
  { caller, key }: Request,
): Promise<Once<Done>> {
  if (key === undefined) return { ...(await insertProduct(sql, product, context)), replayed: false }
  return insertOnce<Done>(sql, [product], context, { caller, key, operation: 'create' })
}

/** Many products, and the id of the event where they are only one. */
export type Imported = { created: Versioned[]; eventId: string | undefined }

/** The same for many products: all or none of them, under one key. */
export async function insertProductsOnce(
  sql: Sql,
  products: NewProduct[],
  context: EventContext,
  { caller, key }: Request,
): Promise<Once<Imported>> {
  if (key === undefined) {
    const created = await insertProducts(sql, products, context)
    return { created, eventId: created.length === 1 ? context.eventId : undefined, replayed: false }
  }
  const once = await insertOnce<Kept>(sql, products, context, { caller, key, operation: 'import' })
  return typeof once === 'string' ? once : { ...restore(products, once), replayed: once.replayed }
}

/** What is kept of the answer to an import. Handlers of before kept all of it. */
type Kept = { ids: number[]; versions: number[]; created_at: string; eventId: string | null } | { created: Done[] }

/** The answer that was given then, of the products as they are sent again. */
function restore(products: NewProduct[], kept: Kept): Imported {
  if ('created' in kept) {
    const [first, second] = kept.created
    return { created: kept.created, eventId: second ? undefined : first?.eventId }
  }
  const { ids, versions, created_at, eventId } = kept
  const created = products.map(({ name, price, quantity }, index) => {
    const [id = 0, version = 1] = [ids[index], versions[index]]
    return { product: { id, name, price: canonicalPrice(price), quantity, created_at }, version }
  })
  return { created, eventId: eventId ?? undefined }
}

/** A key belongs to the operation that it came with. */
type Keyed = { caller: string; key: string; operation: 'create' | 'import' }

/** Inserts the products, unless the key has been used: then it gives what was answered then. */
async function insertOnce<T>(
  sql: Sql,
  products: NewProduct[],
  context: EventContext,
  { caller, key, operation }: Keyed,
): Promise<Once<T>> {
  const print = fingerprint(operation, products)
  const answer = operation === 'create' ? 'of one' : 'of many'
  const insert = () =>
    insertUnderKey(sql, products, context, { caller, key, fingerprint: print, lock: lockOf(caller, key), answer })
  // The other may commit after this statement has looked and before it has the lock: then the key is taken, and the
  // next look finds it.
  const [row] = await insert().catch((error: unknown) => {
    if (error instanceof NeonDbError && error.code === UNIQUE_VIOLATION) return insert()
    throw error
  })
  if (!row) return 'in flight'
  const { answer: first, replayed, same } = row as { answer: T; replayed: boolean; same: boolean }
  return same ? { ...first, replayed } : 'other body'
}

/**
 * SHA-256 of the operation and of what its products mean, in hex: neither white space nor the order of the fields nor
 * the spelling of a price makes another.
 */
export function fingerprint(operation: Keyed['operation'], products: NewProduct[]) {
  const meanings = products.map(({ name, price, quantity }) => [name, canonicalPrice(price), quantity])
  return createHash('sha256')
    .update(JSON.stringify([operation, meanings]))
    .digest('hex')
}

/** As Postgres gives it back: no leading zero, and 2 decimals. */
function canonicalPrice(price: string) {
  const [whole = '', decimals = ''] = price.split('.')
  return `${BigInt(whole)}.${decimals.padEnd(2, '0')}`
}

/**
 * A key as the number of a lock, 64 bits. Two keys with one number would be in each other's flight, and nothing worse.
 */
const lockOf = (caller: string, key: string) =>
  createHash('sha256').update(`${caller} ${key}`).digest().readBigInt64BE().toString()

/**
 * Forgets keys after 24 h, the oldest first, by `most` statements at most; gives whether it has left some. Never throws.
 */
export const forgetKeys = (sql: Sql, most: number): Promise<boolean> =>
  forget('idempotency keys', most, async () => {
    const [row] = await sql`
      with forgotten as (
        delete from idempotency_keys where ctid = any(array(
          select ctid from idempotency_keys where created_at <= now() - interval '24 hours' order by created_at limit ${FORGET}
        ))
        returning key
      )
      select count(*)::int as count from forgotten`
    return Number(row?.count)
  })
