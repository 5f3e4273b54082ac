import type { Sql } from '../database.ts'

/**
 * Rows that are counted: what costs more the worse it goes must not be asked of everybody. `npm run outbox` counts all.
 */
export const MOST = 1_000

export type OutboxHealth = {
  pending: number // events that wait for Kafka, counted up to MOST
  oldest_age_seconds: number | null // of the one that waits longest
  failures: number // attempts in a row that found no Kafka
  last_error: string | null // of the last of them, as the name of the error: its text may hold addresses
  held: { target: string; last_error: string }[] // topics and TOPIC:PARTITIONs that cannot be written at the moment, ten of them at most
  dead: number // events that Kafka has refused for good, counted up to MOST
}

export async function outboxHealth(sql: Sql): Promise<OutboxHealth> {
  const [row] = await sql`
    select
      (select count(*)::int from (select from outbox limit ${MOST}) as counted) as pending,
      (select extract(epoch from clock_timestamp() - created_at)::float8 from outbox order by id limit 1) as oldest_age_seconds,
      failures,
      substring(last_error from '^\\w+') as last_error,
      (select coalesce(json_agg(first), '[]') from (select target, last_error from outbox_held order by target limit 10) as first) as held,
      (select count(*)::int from (select from outbox_dead limit ${MOST}) as counted) as dead
    from outbox_lease`
  return row as OutboxHealth
}
