// Creations and changes of products, with what came of them.

import type { Sql } from '../database.ts'
import type { EventContext } from './events.ts'
import { toVersioned } from './read.ts'
import type { NewProduct, ProductChange, Versioned } from './schema.ts'
import { deleteOne, insertMany, insertOne, selectExistence, type Target, updateOne } from './statements.ts'

/** The product after a change, and the id of the event. */
export type Done = Versioned & { eventId: string }
/** What came of a change to a product that may have been another or none. */
export type Changed = Done | 'not found' | 'other version'

export async function insertProduct(sql: Sql, product: NewProduct, context: EventContext): Promise<Done> {
  const [row] = await insertOne(sql, product, context)
  return { ...toVersioned(row ?? {}), eventId: context.eventId }
}

/** All or none of them, with ids that ascend in their order. */
export async function insertProducts(sql: Sql, products: NewProduct[], context: EventContext): Promise<Versioned[]> {
  return (await insertMany(sql, products, context)).map(toVersioned)
}

/** Changes the fields that are there, if the product has one of the versions. */
export async function updateProduct(
  sql: Sql,
  target: Target,
  change: ProductChange,
  context: EventContext,
): Promise<Changed> {
  const [row] = await updateOne(sql, target, change, context)
  return row ? { ...toVersioned(row), eventId: context.eventId } : reasonFor(sql, target)
}

/** Deletes the product, if it has one of the versions. */
export async function deleteProduct(sql: Sql, target: Target, context: EventContext): Promise<Changed> {
  const [row] = await deleteOne(sql, target, context)
  return row ? { ...toVersioned(row), eventId: context.eventId } : reasonFor(sql, target)
}

/** Why nothing was changed. */
async function reasonFor(sql: Sql, { id }: Target) {
  const [row] = await selectExistence(sql, id)
  return row ? 'other version' : 'not found'
}
