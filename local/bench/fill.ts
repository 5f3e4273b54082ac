// Rows in such numbers that their size shows. They are written past triggers and foreign keys, so that filling products
// writes no event.

import type pg from 'pg'
import { newClient } from '../machine/pg-client.ts'

const SLICE = 500_000 // rows in one statement

/** Over a connection of a superuser. */
export async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>) {
  const client = newClient(url)
  await client.connect()
  try {
    await client.query('set session_replication_role = replica')
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function fillProducts(client: pg.Client, count: number) {
  await inSlices(count, (from, to) =>
    client.query(
      `insert into products (name, price, quantity)
       select 'Product ' || n, 1 + n % 100000 / 100.0, n % 1000 from generate_series($1::int, $2::int) as n`,
      [from, to],
    ),
  )
  await client.query('vacuum (analyze) products')
}

/** Events as POST writes them, all of products of their own; gives the id of the last. */
export async function fillOutbox(client: pg.Client, count: number, target: string | null = null) {
  await inSlices(count, (from, to) =>
    client.query(
      `insert into outbox (event_id, type, key, target, payload, headers)
       select event_id, 'product.created', n::text, $3::text,
         json_build_object('type', 'product.created', 'product_id', n, 'pname', 'Kanelbulle', 'price', '24.90',
           'quantity', 12, 'created_at', rfc3339(now()))::text,
         json_build_object('ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products',
           'ce_type', 'product.created', 'ce_time', rfc3339(now()), 'content-type', 'application/json')
       from (select n, gen_random_uuid() as event_id from generate_series($1::int, $2::int) as n) as event`,
      [from, to, target],
    ),
  )
  await client.query('vacuum (analyze) outbox')
  const { rows } = await client.query<{ last: string }>('select max(id) as last from outbox')
  return rows[0]?.last ?? '0'
}

async function inSlices(count: number, write: (from: number, to: number) => Promise<unknown>) {
  for (let from = 1; from <= count; from += SLICE) await write(from, Math.min(count, from + SLICE - 1))
}
