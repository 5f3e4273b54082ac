// The verbs that only look.

import type pg from 'pg'
import { transaction } from './database.ts'

/** Counts end here: counting millions takes seconds. */
export const MOST_COUNTED = 100_000
const MOST_HELD = 100 // targets that are shown

type HeldTarget = { target: string; events: number; failures: number; retry_in_seconds: number; last_error: string }

export type Status = {
  pending: number
  oldest_age_seconds: number | null
  dead: number
  lease: { held: boolean; token: string; expires_at: Date | null; expires_in_seconds: number | null }
  failures: number // publishers that found no Kafka, one after another
  last_error: string | null
  backoff_until: Date | null // before which nobody tries Kafka
  backoff_seconds: number | null
  held: HeldTarget[]
  more_held: boolean
}

export async function status(client: pg.Client): Promise<Status> {
  return transaction(
    client,
    async () => {
      const [row] = await rows<Omit<Status, 'lease' | 'held' | 'more_held'> & Status['lease']>(
        client,
        `select
          (select count(*)::int from (select from outbox limit ${MOST_COUNTED}) as counted) as pending,
          (select extract(epoch from now() - created_at)::float8 from outbox order by id limit 1) as oldest_age_seconds,
          (select count(*)::int from (select from outbox_dead limit ${MOST_COUNTED}) as counted) as dead,
          expires_at > now() as held,
          token::text,
          case when expires_at > now() then expires_at end as expires_at,
          case when expires_at > now() then extract(epoch from expires_at - now())::float8 end as expires_in_seconds,
          failures,
          last_error,
          case when retry_at > now() then retry_at end as backoff_until,
          case when retry_at > now() then extract(epoch from retry_at - now())::float8 end as backoff_seconds
        from outbox_lease`,
      )
      if (!row) throw new Error('outbox_lease has no row: run npm run migrate')
      const held = await rows<HeldTarget>(
        client,
        `select target, failures, greatest(0, extract(epoch from retry_at - now()))::float8 as retry_in_seconds, last_error, (
          select count(*)::int from (select from outbox where outbox.target = outbox_held.target limit ${MOST_COUNTED}) as counted
        ) as events
        from outbox_held order by target limit ${MOST_HELD + 1}`,
      )
      const { held: isHeld, token, expires_at, expires_in_seconds, ...rest } = row
      const lease = { held: isHeld, token, expires_at, expires_in_seconds }
      return { ...rest, lease, held: held.slice(0, MOST_HELD), more_held: held.length > MOST_HELD }
    },
    'isolation level repeatable read read only',
  )
}

type PendingEvent = { event_id: string; type: string; key: string; age_seconds: number; held_for: string | null }
type DeadEvent = { event_id: string; type: string; key: string; age_seconds: number; error: string; died_at: Date }
export type Listed = ({ dead: false; events: PendingEvent[] } | { dead: true; events: DeadEvent[] }) & { more: boolean }

const EVENT = `event_id, coalesce(type, headers ->> 'ce_type', '') as type, key,
  extract(epoch from clock_timestamp() - created_at)::float8 as age_seconds`

/** The oldest events, and whether there are more. */
export async function list(client: pg.Client, { dead, limit }: { dead: boolean; limit: number }): Promise<Listed> {
  if (dead) {
    const events = await rows<DeadEvent>(
      client,
      `select ${EVENT}, error, died_at from outbox_dead order by id limit $1`,
      [limit + 1],
    )
    return { dead, events: events.slice(0, limit), more: events.length > limit }
  }
  const events = await rows<PendingEvent>(
    client,
    `select ${EVENT}, target as held_for from outbox order by id limit $1`,
    [limit + 1],
  )
  return { dead, events: events.slice(0, limit), more: events.length > limit }
}

const rows = async <Row extends pg.QueryResultRow>(client: pg.Client, text: string, values: unknown[] = []) =>
  (await client.query<Row>(text, values)).rows
