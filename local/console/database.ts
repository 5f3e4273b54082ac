// What the console reads of Postgres: the newest products, and the outbox as `npm run outbox -- status` has it.

import type pg from 'pg'
import { list, type Status, status } from '../outbox/look.ts'
import { newClient } from '../machine/pg-client.ts'

export type ProductRow = {
  id: string
  name: string
  price: string
  quantity: number
  version: number
  created_at: string
}
type WaitingEvent = { event_id: string; type: string; key: string; age_seconds: number; held_for: string | null }
type DeadEvent = { event_id: string; type: string; key: string; error: string; died_at: string }

export type DatabaseLook = {
  products: { count: number; newest: ProductRow[] }
  outbox: Omit<Status, 'lease' | 'backoff_until'> & {
    lease: { held: boolean; token: string; expires_in_seconds: number | null }
  }
  waiting: WaitingEvent[]
  dead: DeadEvent[]
  /** ms that the database's clock is ahead of ours. */
  clock: number
}

const SHOWN = 5
const NEWEST = 8
const QUERY_MS = 5_000

export async function lookAtDatabase(client: pg.Client): Promise<DatabaseLook> {
  const asked = Date.now()
  const { rows: clocks } = await client.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  )
  const clock = (clocks[0]?.now ?? asked) - (asked + Date.now()) / 2
  const { lease, backoff_until: _, ...rest } = await status(client)
  const { rows: newest } = await client.query<ProductRow>(
    `select id::text, name, price::text, quantity, version, rfc3339(created_at) as created_at from products order by products.id desc limit ${NEWEST}`,
  )
  // The highest id says how many were ever made, without counting them all.
  const count = Number(newest[0]?.id ?? 0)
  const waiting = rest.pending ? await list(client, { dead: false, limit: SHOWN }) : undefined
  const dead = rest.dead ? await list(client, { dead: true, limit: SHOWN }) : undefined
  return {
    products: { count, newest },
    outbox: { ...rest, lease: { held: lease.held, token: lease.token, expires_in_seconds: lease.expires_in_seconds } },
    waiting: waiting && !waiting.dead ? waiting.events : [],
    dead: dead?.dead
      ? dead.events.map(({ event_id, type, key, error, died_at }) => ({
          event_id,
          type,
          key,
          error,
          died_at: died_at.toISOString(),
        }))
      : [],
    clock,
  }
}

/** To be ended. */
export async function openClient(databaseUrl: string) {
  const client = newClient(databaseUrl, { query_timeout: QUERY_MS })
  client.on('error', () => {}) // the query that it breaks fails anyway
  await client.connect()
  return client
}

/** One piece of work on a connection of its own. */
export async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openClient(databaseUrl)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
