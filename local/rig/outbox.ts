import type { Sql } from '../../lib/database.ts'

/** Forgets all events and failures. */
export async function emptyOutbox(sql: Sql) {
  await sql`truncate outbox, outbox_dead, outbox_held`
  await sql`
    update outbox_lease set expires_at = '-infinity', retry_at = '-infinity', failures = 0, last_error = null, failed_by = null`
}

const CREATED = 'product.created'

/**
 * Writes events as a handler does, with `keys` keys in turn and payloads of a number and `size` dots. Returns their ids
 * in order.
 */
export async function insertEvents(
  sql: Sql,
  count: number,
  { type = CREATED, keys = 7, size = 0 } = {},
): Promise<string[]> {
  const rows = await sql`
    with event as (
      insert into outbox (event_id, type, key, payload, headers)
      select event_id, ${type}, (n % ${keys}::int)::text, n || repeat('.', ${size}::int), json_build_object('ce_id', event_id)
      from (select n, gen_random_uuid() as event_id from generate_series(1, ${count}::int) n order by n) as numbered
      returning event_id
    )
    select event_id from event`
  return rows.map((row) => String(row.event_id))
}

export async function pendingEvents(sql: Sql) {
  return Number((await sql`select count(*) from outbox`)[0]?.count)
}

/** The same statements, with something that happens at the nth of them: before it, after it, or in its place. */
export function atStatement(sql: Sql, happen: (n: number, run: () => Promise<unknown>) => Promise<unknown>): Sql {
  let n = 0
  return new Proxy(sql, {
    apply: (target, _this, statement: Parameters<Sql>) => happen(++n, async () => target(...statement)),
  })
}
