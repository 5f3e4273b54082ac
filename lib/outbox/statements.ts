// The statements of the outbox. Whoever holds the lease is the one publisher, anywhere, on the database's clock.
// Every write of the lease changes its token, which is identity and fence in one.

import type { Sql } from '../database.ts'
import { parseBackoff, parseStep } from './rows.ts'

/**
 * What a publisher tells: its token, if it has one; the events that Kafka has; how many it reads next, where 0 frees
 * the lease.
 */
export type Step = { token: string | null; acknowledged: number[]; limit: number }

/** ms a lease lasts from the statement that took or renewed it. */
export const LEASE = 5_000

/** Bytes of payload that are read of one target: with all that are due at once it stays below what Neon answers, 64 MB:
 *  https://neon.com/docs/serverless/serverless-driver */
const MOST_BYTES = 4_000_000
const TARGETS_AT_ONCE = 4
/** Bytes of a payload that no broker takes: twenty times Kafka's default for max.message.bytes. It is not even read. */
const UNREADABLE = 20_000_000

/**
 * One step of the protocol: deletes what was acknowledged, reads the next batch, and takes or renews the lease for it.
 * Where there is no next batch, or `limit` is 0, it frees the lease. To take the lease, its token must be the one that
 * this statement saw when it began: so what it read is never stale, though it may have waited for another publisher's
 * statement.
 * `backoff` is how many ms everybody leaves Kafka alone, or null. `held` are the targets that cannot be written.
 * Reading is ordered by target first, though that is null, for Postgres to take the index that begins with it: another
 * would read all events that are held back.
 */
export async function next(sql: Sql, { token, acknowledged, limit }: Step) {
  const done = `{${acknowledged.join()}}`
  const rows = await sql`
    with candidate as materialized (
      (select * from outbox where target is null and id <> all(${done}::bigint[]) order by target, id limit ${limit})
      union all
      select waiting.* from (
        select target from outbox_held where retry_at <= now() order by retry_at limit ${limit && TARGETS_AT_ONCE}
      ) as due, lateral (
        select * from outbox where outbox.target = due.target and id <> all(${done}::bigint[]) order by target, id limit ${limit}
      ) as waiting
    ), next as materialized (
      select id, coalesce(type, headers ->> 'ce_type', '') as type, key, case when size < ${UNREADABLE} then payload end as payload, size,
        headers, floor(extract(epoch from created_at) * 1000)::float8 as at, target
      from (
        select *, sum(size) over (partition by target order by id) as total
        from (select *, octet_length(payload) as size from candidate) as sized
      ) as summed
      where total - size < ${MOST_BYTES}
    ), acknowledged as (
      delete from outbox where id = any(${done}::bigint[]) returning event_id, awaited
    ), remembered as (
      insert into outbox_acknowledged (event_id) select event_id from acknowledged where awaited on conflict do nothing
    ), lease as (
      update outbox_lease set token = token + 1,
        failures = case when token = ${token} then 0 else failures end,
        last_error = case when token = ${token} then null else last_error end,
        failed_by = case when token = ${token} then null else failed_by end,
        expires_at = case when exists (select from next) then now() + ${LEASE} * interval '1 ms' else '-infinity' end
      where token = ${token}
        or (expires_at < now() and retry_at < now() and token = (select token from outbox_lease) and exists (select from next))
      returning token
    ), over as (
      delete from outbox_held where retry_at <= now() and exists (select from lease)
        and (
          select id from outbox where outbox.target = outbox_held.target and id <> all(${done}::bigint[]) order by target, id limit 1
        ) is null
      returning target
    )
    select
      (select token from lease where exists (select from next)) as token,
      (select json_agg(next order by id) from next where exists (select from lease)) as events,
      (select json_agg(json_build_object('target', target, 'wait', greatest(0, ceil(extract(epoch from retry_at - now()) * 1000))))
        from outbox_held where target not in (select target from over)) as held,
      (select floor(extract(epoch from retry_at - now()) * 1000)::int from outbox_lease where retry_at > now()) as backoff`
  const { token: taken, events, held, backoff } = parseStep(rows[0])
  return { batch: taken && events ? { token: taken, events } : null, held: held ?? [], backoff }
}

/** Events that are to wait for a target, targets that cannot be written, and events that Kafka refuses for good. */
export type Aside = {
  waiting: { id: number; target: string }[]
  failing: { target: string; error: string; progressed: boolean }[] // whether something of it was written since it last failed
  refused: { id: number; error: string }[]
}

/**
 * Puts aside what cannot be published now, if the token still holds the lease. A target is left alone for 1 s, doubling
 * to 30 s with each failure in a row.
 */
export async function putAside(sql: Sql, token: string, { waiting, failing, refused }: Aside) {
  await sql`
    with lease as materialized (
      select from outbox_lease where token = ${token} for update
    ), dead as (
      delete from outbox using lease, unnest(${refused.map(({ id }) => id)}::bigint[], ${refused.map(({ error }) => error)}::text[]) as refused (id, error)
      where outbox.id = refused.id
      returning outbox.id, event_id, type, topic, key, payload, headers, created_at, error
    ), buried as (
      insert into outbox_dead (id, event_id, type, topic, key, payload, headers, created_at, error)
      select * from dead
    ), held as (
      insert into outbox_held (target, failures, retry_at, last_error)
      select target, failures, now() + least(30, 2 ^ least(failures - 1, 5)) * interval '1 s', error
      from lease, (
        select failing.target, error, case when progressed then 0 else coalesce(failures, 0) end + 1 as failures
        from unnest(${failing.map(({ target }) => target)}::text[], ${failing.map(({ error }) => error)}::text[],
          ${failing.map(({ progressed }) => progressed)}::boolean[]) as failing (target, error, progressed)
        left join outbox_held using (target)
      ) as failing
      on conflict (target) do update set failures = excluded.failures, retry_at = excluded.retry_at, last_error = excluded.last_error
    )
    update outbox set target = waiting.target
    from lease, unnest(${waiting.map(({ id }) => id)}::bigint[], ${waiting.map(({ target }) => target)}::text[]) as waiting (id, target)
    where outbox.id = waiting.id`
}

/** How many events one statement puts back. */
const PUT_BACK = 10_000

/**
 * Puts events that wait for targets back among all others, the oldest first, and then forgets the targets. Gives
 * whether none is left.
 */
export async function putBack(sql: Sql, token: string, targets: string[]): Promise<boolean> {
  const [row] = await sql`
    with lease as materialized (
      select from outbox_lease where token = ${token} for update
    ), oldest as (
      select id from outbox where target = any(${targets}::text[]) order by id limit ${PUT_BACK}
    ), freed as (
      update outbox set target = null from lease where id in (select id from oldest) returning id
    )
    select count(*) = ${PUT_BACK} as more from freed`
  if (row?.more) return false
  await sql`
    with lease as materialized (
      select from outbox_lease where token = ${token} for update
    )
    delete from outbox_held using lease where target = any(${targets}::text[])`
  return true
}

/** A failure to reach Kafka, and who had it. */
export type Failure = { token: string; acknowledged: number[]; error: string; publisher: string }

/**
 * Gives up a batch, but for what was acknowledged of it. Where another publisher was the last to fail, and nobody has
 * succeeded since, it is Kafka that is away: then nobody tries again for 1 s, doubling to 30 s with each publisher that
 * fails after another, so that a dead broker costs one attempt at a time in the whole system. One that fails alone
 * keeps nobody else from trying. Returns that time in ms, or null where others may try.
 */
export async function giveUp(sql: Sql, { token, acknowledged, error, publisher }: Failure): Promise<number | null> {
  const done = `{${acknowledged.join()}}`
  const [lease] = await sql`
    with acknowledged as (
      delete from outbox where id = any(${done}::bigint[]) returning event_id, awaited
    ), remembered as (
      insert into outbox_acknowledged (event_id) select event_id from acknowledged where awaited on conflict do nothing
    )
    update outbox_lease set token = token + 1, last_error = ${error}, failed_by = ${publisher}, expires_at = '-infinity',
      failures = case when failed_by = ${publisher} then failures else failures + 1 end,
      retry_at = case when failed_by <> ${publisher} then now() + least(30, 2 ^ least(failures - 1, 5)) * interval '1 s' else retry_at end
    where token = ${token}
    returning floor(extract(epoch from nullif(greatest(retry_at, now()), now()) - now()) * 1000)::int as backoff`
  return lease ? parseBackoff(lease.backoff) : null
}

/**
 * In how many ms it makes sense to look for events again: when the lease of whoever is at it ends, when Kafka may be
 * tried again, or where all are held, when the first of their targets may be. Null where the outbox is empty.
 */
export async function untilNext(sql: Sql): Promise<number | null> {
  const [row] = await sql`
    select case when exists (select from outbox) then ceil(extract(epoch from greatest(
        now(),
        (select greatest(expires_at, retry_at) from outbox_lease),
        case when (select id from outbox where target is null order by target, id limit 1) is null
          then (select min(retry_at) from outbox_held) end
      ) - now()) * 1000)::int end as ms`
  return parseBackoff(row?.ms)
}
