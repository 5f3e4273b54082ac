// What is known of one product, from Postgres and from what the console has read and heard.

import type pg from 'pg'
import type { ProductRow } from './database.ts'
import type { Query } from './find.ts'
import type { Ring } from './kafka/ring.ts'
import { type Facts, type Way, wayOf } from './way.ts'

type Around = Pick<Facts, 'requests' | 'outcomes' | 'groups' | 'clock'> & { ring: Ring }

const MOST = 100 // events, and records
const PRODUCT = 'select id::text, name, price::text, quantity, version, rfc3339(created_at) as created_at from products'
const AT = '(extract(epoch from created_at) * 1000)::float8 as at'
const TYPE = `coalesce(outbox.type, outbox.headers ->> 'ce_type', '') as type`

export async function findWay(client: pg.Client, productId: number, { ring, ...known }: Around): Promise<Way> {
  const key = String(productId)
  const product = await client.query<ProductRow>(`${PRODUCT} where id = $1`, [productId])
  const pending = await client.query<Facts['pending'][number]>(
    `select event_id, ${TYPE}, ${AT}, outbox.target as held_for, last_error as hold_error
    from outbox left join outbox_held using (target) where key = $1 order by id limit ${MOST}`,
    [key],
  )
  const dead = await client.query<Facts['dead'][number]>(
    `select event_id, ${TYPE}, ${AT}, error from outbox_dead as outbox where key = $1 order by id limit ${MOST}`,
    [key],
  )
  return wayOf({
    ...known,
    productId,
    product: product.rows[0] ?? null,
    pending: pending.rows,
    dead: dead.rows,
    records: ring.find((record) => record.key?.toString() === key && !record.topic.startsWith('dlq.'), MOST).reverse(),
    requests: known.requests.filter((request) => request.productId === productId),
  })
}

/** Products by id, or by a part of their name. */
export async function findProducts(client: pg.Client, query: Query): Promise<ProductRow[]> {
  if (query.by === 'product') return (await client.query<ProductRow>(`${PRODUCT} where id = $1`, [query.id])).rows
  if (query.by !== 'text') return []
  const anywhere = `%${query.text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return (
    await client.query<ProductRow>(`${PRODUCT} where name ilike $1 order by products.id desc limit 20`, [anywhere])
  ).rows
}
