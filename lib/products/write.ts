// The statements that change products. Each writes the change and its event at once: both are there after it, or neither is.

import type { Sql } from '../database.ts'
import { changedColumns, type EventContext, productEvent } from '../events.ts'
import { columns, toVersioned } from './read.ts'
import type { NewProduct, ProductChange, Versioned } from './schema.ts'

/** The product after a change, and the id of the event. */
export type Done = Versioned & { eventId: string }
/** Which product, and which versions of it; `undefined` stands for any. */
type Target = { id: number; versions: number[] | undefined }
/** What came of a change to a product that may have been another or none. */
export type Changed = Done | 'not found' | 'other version'

export async function insertProduct(sql: Sql, { name, price, quantity }: NewProduct, context: EventContext): Promise<Done> {
  const [row] = await sql`
    with product as (
      insert into products (name, price, quantity) values (${name}, ${price}, ${quantity}) returning ${changedColumns(sql, 'product.created')}
    ), ${productEvent(sql, 'product.created', context)}
    select ${columns(sql)}, version, event_id from product`
  return toChanged(row ?? {})
}

/** All or none of them, with ids that ascend in their order. */
export async function insertProducts(sql: Sql, products: NewProduct[], context: EventContext): Promise<Done[]> {
  const rows = await sql`
    with product as (
      insert into products (name, price, quantity)
      select name, price, quantity from ${given(sql, products)} order by position returning ${changedColumns(sql, 'product.created')}
    ), ${productEvent(sql, 'product.created', context)}
    select ${columns(sql)}, version, event_id from product order by product.id`
  return rows.map(toChanged)
}

/** The products as rows of `given`, with their `position`. */
export function given(sql: Sql, products: NewProduct[]) {
  const names = products.map(({ name }) => name)
  const prices = products.map(({ price }) => price)
  const quantities = products.map(({ quantity }) => quantity)
  return sql`
    unnest(${names}::text[], ${prices}::numeric[], ${quantities}::integer[]) with ordinality as given (name, price, quantity, position)`
}

/** Changes the fields that are given, if the product has one of the `versions`. */
export async function updateProduct(sql: Sql, { id, versions }: Target, change: ProductChange, context: EventContext): Promise<Changed> {
  const { name = null, price = null, quantity = null } = change
  const [row] = await sql`
    with product as (
      update products set version = version + 1,
        name = coalesce(${name}, name), price = coalesce(${price}, price), quantity = coalesce(${quantity}, quantity)
      where id = ${id} and ${hasVersion(sql, versions)} returning ${changedColumns(sql, 'product.updated')}
    ), ${productEvent(sql, 'product.updated', context)}
    select ${columns(sql)}, version, event_id from product`
  return row ? toChanged(row) : whyNot(sql, id)
}

/** Deletes the product, if it has one of the `versions`; the version of its last event is one more than that of its last state. */
export async function deleteProduct(sql: Sql, { id, versions }: Target, context: EventContext): Promise<Changed> {
  const [row] = await sql`
    with product as (
      delete from products where id = ${id} and ${hasVersion(sql, versions)} returning ${changedColumns(sql, 'product.deleted')}
    ), ${productEvent(sql, 'product.deleted', context)}
    select ${columns(sql)}, version, event_id from product`
  return row ? toChanged(row) : whyNot(sql, id)
}

const hasVersion = (sql: Sql, versions: number[] | undefined) => (versions ? sql`version = any(${versions}::integer[])` : sql`true`)

async function whyNot(sql: Sql, id: number) {
  const [row] = await sql`select from products where id = ${id}`
  return row ? 'other version' : 'not found'
}

function toChanged({ event_id, ...row }: Record<string, unknown>) {
  return { ...toVersioned(row), eventId: String(event_id) }
}
