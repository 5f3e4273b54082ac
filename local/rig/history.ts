// What was committed, whether anybody was told or not: a trigger writes it down in the transaction of each change.

import { newClient } from '../machine/pg-client.ts'
import * as z from 'zod'

export const Change = z.object({
  id: z.number(),
  version: z.number(),
  type: z.enum(['product.created', 'product.updated', 'product.deleted']),
  name: z.string(),
  price: z.string(),
  quantity: z.number(),
})
export type Change = z.infer<typeof Change>

const State = z.object({
  changes: z.array(Change),
  rows: z.array(z.object({ id: z.number(), version: z.number() })),
  pending: z.number(),
  dead: z.number(),
})
export type State = z.infer<typeof State>

export const keepHistory = (url: string) =>
  query(
    url,
    `create table history (position bigint generated always as identity, type text, id bigint, version integer, name text, price numeric, quantity integer);
     create function keep_history() returns trigger language plpgsql as $$
     begin
       insert into history (type, id, version, name, price, quantity)
       select case tg_op when 'INSERT' then 'product.created' when 'UPDATE' then 'product.updated' else 'product.deleted' end,
         product.id, product.version + (tg_op = 'DELETE')::int, product.name, product.price, product.quantity
       from (select (case when tg_op = 'DELETE' then old else new end).*) as product;
       return null;
     end $$;
     create trigger keep_history after insert or update or delete on products for each row execute function keep_history()`,
  )

/** All of it as of one moment. */
export async function readState(url: string): Promise<State> {
  const { rows } = await query(
    url,
    `select
       (select coalesce(json_agg(json_build_object('id', id, 'version', version, 'type', type, 'name', name, 'price', price::text,
         'quantity', quantity) order by position), '[]') from history) as changes,
       (select coalesce(json_agg(json_build_object('id', id, 'version', version)), '[]') from products) as rows,
       (select count(*)::int from outbox) as pending,
       (select count(*)::int from outbox_dead) as dead`,
  )
  return State.parse(rows[0])
}

export async function countPending(url: string) {
  const { rows } = await query(url, 'select count(*)::int as pending from outbox')
  return z.object({ pending: z.number() }).parse(rows[0]).pending
}

/** Over a connection of its own. */
export async function query(url: string, text: string) {
  const client = newClient(url)
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}
