// The statements of the outbox. Whoever holds the lease is the one publisher, anywhere, on the database's clock.
// Every write of the lease changes its token, which is identity and fence in one.

import type { Sql } from '../database.ts'

export type PendingEvent = { id: number; topic: string; key: string; payload: string; headers: Record<string, string> }

/** A lease that is held, and what is to be published under it. */
export type Batch = { token: string; events: PendingEvent[] }

/** What a publisher tells: its token, if it has one; the events of its batch that Kafka has; and whether it wants no other batch. */
export type Step = { token: string | null; acknowledged: number[]; free?: boolean }

/** Events that one statement reads. */
export const BATCH = 500

/** ms a lease lasts from the statement that took or renewed it. */
export const LEASE = 5_000

/**
 * One step of the protocol: deletes what was acknowledged, reads the next batch, and takes or renews the lease for it. Where there is
 * no next batch, or `free` is set, it frees the lease. To take the lease, its token must be the one that this statement saw when it
 * began: so what it read is never stale, though it may have waited for another publisher's statement.
 * `backoff` is how many ms everybody leaves Kafka alone, or null.
 */
export async function next(sql: Sql, { token, acknowledged, free = false }: Step) {
  const done = `{${acknowledged.join()}}`
  const rows = await sql`
    with next as materialized (
      select id, topic, key, payload, headers from outbox
      where id <> all(${done}::bigint[])
        and not exists (select from outbox_held where outbox_held.topic = outbox.topic and retry_at > now())
      order by id limit ${free ? 0 : BATCH}
    ), acknowledged as (
      delete from outbox where id = any(${done}::bigint[]) returning topic
    ), writable as (
      delete from outbox_held where topic in (select topic from acknowledged) and retry_at < now()
    ), lease as (
      update outbox_lease set token = token + 1,
        failures = case when token = ${token} then 0 else failures end,
        last_error = case when token = ${token} then null else last_error end,
        expires_at = case when exists (select from next) then now() + ${LEASE} * interval '1 ms' else '-infinity' end
      where token = ${token}
        or (expires_at < now() and retry_at < now() and token = (select token from outbox_lease) and exists (select from next))
      returning token
    )
    select
      (select token from lease where exists (select from next)) as token,
      (select json_agg(next order by id) from next where exists (select from lease)) as events,
      (select floor(extract(epoch from retry_at - now()) * 1000)::int from outbox_lease where retry_at > now()) as backoff`
  const [{ token: held, events, backoff }] = rows as [{ token: string | null; events: PendingEvent[] | null; backoff: number | null }]
  return { batch: held && events ? { token: held, events } : null, backoff }
}

/**
 * Gives up a batch: deletes what was acknowledged of it and lets nobody try again for 1 s, doubling to 30 s with each failure in a row.
 * So the lease is the circuit breaker: a dead broker costs one attempt at a time in the whole system. Returns that time in ms, or null where another publisher has the lease by now.
 */
export async function fail(sql: Sql, { token, acknowledged, error }: { token: string; acknowledged: number[]; error: string }) {
  const [lease] = await sql`
    with acknowledged as (
      delete from outbox where id = any(${`{${acknowledged.join()}}`}::bigint[])
    )
    update outbox_lease set token = token + 1, failures = failures + 1, last_error = ${error}, expires_at = '-infinity',
      retry_at = now() + least(30, 2 ^ least(failures, 5)) * interval '1 s'
    where token = ${token}
    returning floor(extract(epoch from retry_at - now()) * 1000)::int as backoff`
  return lease ? (lease as { backoff: number }).backoff : null
}

/** Sets aside an event that Kafka refuses for good. */
export async function bury(sql: Sql, id: number, error: string) {
  await sql`
    with dead as (
      delete from outbox where id = ${id} returning *
    )
    insert into outbox_dead select dead.*, ${error} from dead`
}

/** Holds back the events of a topic that cannot be written: for 1 s, doubling to 30 s with each failure in a row. */
export async function hold(sql: Sql, topic: string, error: string) {
  await sql`
    insert into outbox_held as held (topic, failures, retry_at, last_error) values (${topic}, 1, now() + interval '1 s', ${error})
    on conflict (topic) do update set failures = held.failures + 1, last_error = excluded.last_error,
      retry_at = now() + least(30, 2 ^ least(held.failures, 5)) * interval '1 s'`
}
