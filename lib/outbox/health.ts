import type { Sql } from '../database.ts'

export type OutboxHealth = {
  pending: number // events that wait for Kafka, counted up to 100,000
  oldest_age_seconds: number | null // of the one that waits longest
  failures: number // attempts in a row that found no Kafka
  last_error: string | null // of the last of them, as the name of the error: its text may hold addresses
  held_topics: number // that cannot be written at the moment
  dead: number // events that Kafka has refused for good
}

export async function outboxHealth(sql: Sql): Promise<OutboxHealth> {
  const [row] = await sql`
    select
      (select count(*)::int from (select from outbox limit 100000) as counted) as pending,
      (select extract(epoch from clock_timestamp() - created_at)::float8 from outbox order by id limit 1) as oldest_age_seconds,
      failures,
      coalesce(substring(last_error from '^\\w+'), (select last_error from outbox_held order by retry_at desc limit 1)) as last_error,
      (select count(*)::int from outbox_held) as held_topics,
      (select count(*)::int from outbox_dead) as dead
    from outbox_lease`
  return row as OutboxHealth
}
