// Every statement on products, whole. The database writes the event of each change into the outbox (lib/migrations/0007):
// both are there after a statement, or neither is. statements.sql has them in full, as the database gets them.

import type { Sql } from '../database.ts'
import type { EventContext } from './events.ts'
import type { NewProduct, ProductChange } from './schema.ts'

/** Which product, and which versions of it; `undefined` stands for any. */
export type Target = { id: number; versions: number[] | undefined }

/** Up to `limit` products with an id above `after`, by ascending id. */
export const selectProducts = (sql: Sql, { limit, after }: { limit: number; after: number }) => sql`
  select ${answerColumns(sql)}
  from products as product where product.id > ${after} order by product.id limit ${limit}`

export const selectProduct = (sql: Sql, id: number) => sql`
  select ${answerColumns(sql)}, product.version
  from products as product where product.id = ${id}`

/** A row without columns, if the product is there. */
export const selectExistence = (sql: Sql, id: number) => sql`select from products where id = ${id}`

export const insertOne = (sql: Sql, { name, price, quantity }: NewProduct, context: EventContext) => sql`
  insert into products as product (name, price, quantity)
  select ${name}::text, ${price}::numeric, ${quantity}::integer from ${request(sql, context)}
  returning ${answerColumns(sql)}, product.version`

/** All or none of them, with ids that ascend in their order. */
export const insertMany = (sql: Sql, products: NewProduct[], context: EventContext) => sql`
  insert into products as product (name, price, quantity)
  select name, price, quantity from ${request(sql, context)}, ${rowsOf(sql, products)} order by position
  returning ${answerColumns(sql)}, product.version`

/**
 * Where a creation is remembered. `lock` is a number for the key. The answer of one is kept whole; of many their ids
 * and versions are, as all else is in a request that has the fingerprint.
 */
export type KeyRow = { caller: string; key: string; fingerprint: string; lock: string; answer: 'of one' | 'of many' }

/**
 * Inserts the products, unless the key has been used: then it gives what was answered then. The key and the answer are
 * written with the products and their events, so a creation that fails leaves none of them. The lock lasts as long as
 * the statement, and is what tells a key in flight, which has no row in the result, from a new one. A key that is older
 * than 24 h is free, whether or not it has been forgotten: its row goes before the new one comes.
 */
export const insertUnderKey = (sql: Sql, products: NewProduct[], context: EventContext, row: KeyRow) => sql`
  with known as (
    select fingerprint, answer from idempotency_keys
    where caller = ${row.caller} and key = ${row.key} and created_at > now() - interval '24 hours'
  ), lock as materialized (
    select pg_try_advisory_xact_lock(${row.lock}) as gained where not exists (select from known)
  ), expired as (
    delete from idempotency_keys using lock
    where gained and caller = ${row.caller} and key = ${row.key} and created_at <= now() - interval '24 hours'
    returning key
  ), product as (
    insert into products (name, price, quantity)
    select name, price, quantity from lock, ${request(sql, context)}, ${rowsOf(sql, products)} where gained order by position
    returning *
  ), done as (${row.answer === 'of one' ? wholeAnswer(sql, context) : idsAndVersions(sql, context)}
  ), first as (
    insert into idempotency_keys (caller, key, fingerprint, answer)
    select ${row.caller}, ${row.key}, ${row.fingerprint}, answer
    from done, (select count(*) from expired) as gone
    returning answer
  )
  select answer, false as replayed, true as same from first
  union all
  select answer, true, fingerprint = ${row.fingerprint} from known`

const wholeAnswer = (sql: Sql, { eventId }: EventContext) => sql`
    select json_build_object('product', fields, 'version', version, 'eventId', ${eventId}::text) as answer
    from product, lateral (select ${answerColumns(sql)}) as fields`

const idsAndVersions = (sql: Sql, { eventId }: EventContext) => sql`
    select json_build_object('ids', json_agg(id order by id), 'versions', json_agg(version order by id),
      'created_at', rfc3339(min(created_at)), 'eventId', case when count(*) = 1 then ${eventId}::text end) as answer
    from product having count(*) > 0`

/** Changes the fields that are there, if the product has one of the versions. */
export function updateOne(sql: Sql, { id, versions }: Target, change: ProductChange, context: EventContext) {
  const { name = null, price = null, quantity = null } = change
  return sql`
  update products as product set
    name = coalesce(${name}, name), price = coalesce(${price}, price), quantity = coalesce(${quantity}, quantity)
  from ${request(sql, context)}
  where id = ${id} and ${hasVersion(sql, versions)}
  returning ${answerColumns(sql)}, product.version`
}

/**
 * Deletes the product, if it has one of the versions; the version of its last event is one more than that of its last
 * state.
 */
export const deleteOne = (sql: Sql, { id, versions }: Target, context: EventContext) => sql`
  delete from products as product using ${request(sql, context)}
  where id = ${id} and ${hasVersion(sql, versions)}
  returning ${answerColumns(sql)}, product.version + 1 as version`

/**
 * Of an answer, of what is called `product`. An id is exact as a double up to 2^53, and as one the driver gives a
 * number.
 */
const answerColumns = (sql: Sql) => sql`
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at`

/** The products as a table `sent`, with their `position`. */
const rowsOf = (sql: Sql, products: NewProduct[]) => sql`
  unnest(${products.map(({ name }) => name)}::text[], ${products.map(({ price }) => price)}::numeric[],
    ${products.map(({ quantity }) => quantity)}::integer[]) with ordinality as sent (name, price, quantity, position)`

const hasVersion = (sql: Sql, versions: number[] | undefined) =>
  versions ? sql`version = any(${versions}::integer[])` : sql`true`

/** Tells the triggers, which write the event, what the request knows of it (lib/migrations/0007). */
const request = (sql: Sql, { eventId, awaited = false, traceparent = '' }: EventContext) => sql`
  (select set_config('product_api.event', ${`${eventId} ${awaited ? 't' : 'f'} ${traceparent}`}, true)) as request`
