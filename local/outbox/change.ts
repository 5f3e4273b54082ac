// The verbs that change something: all that is named, or nothing.
// None of them takes the lease: a publisher may be at work, and what it has read is on its way to Kafka.

import type pg from 'pg'
import { transaction } from './database.ts'

// One statement moves so many events at most: 10,000 small ones, or 32 MB.
const SLICE = 10_000
const SLICE_BYTES = 32_000_000

const MOVE = `
  with dead as (
    delete from outbox_dead where id = any($1::bigint[])
    returning id, event_id, type, topic, key, payload, headers, created_at
  )
  insert into outbox (id, event_id, type, topic, key, payload, headers, created_at) overriding system value
  select * from dead order by id`

/**
 * Puts dead events back among those that wait, as they were: with the place in the order that they had. Gives how many.
 * Throws, having changed nothing, where an id is not that of a dead event.
 */
export async function redrive(
  client: pg.Client,
  { ids, dryRun }: { ids: string[] | 'all'; dryRun: boolean },
): Promise<number> {
  if (ids === 'all') return dryRun ? countDead(client) : redriveAll(client)
  return transaction(client, async () => {
    const { rows } = await client.query<{ id: string; event_id: string }>(
      'select id, event_id from outbox_dead where event_id = any($1::uuid[]) for update',
      [ids],
    )
    await refuseUnknown(client, ids, rows, 'dead')
    if (!dryRun) await client.query(MOVE, [rows.map(({ id }) => id)])
    return rows.length
  })
}

/** In slices, the oldest first. What dies meanwhile, or dies again, is left out: otherwise it might never end. */
async function redriveAll(client: pg.Client) {
  const { rows: began } = await client.query<{ now: string }>('select now()::text as now')
  for (let moved = 0; ;) {
    const { rows } = await client.query<{ id: string }>(
      `select id from (
        select id, sum(size) over (order by id) - size as before from (
          select id, octet_length(payload) as size from outbox_dead where died_at <= $1 order by id limit ${SLICE}
        ) as oldest
      ) as summed where before < ${SLICE_BYTES}`,
      [began[0]?.now],
    )
    if (!rows.length) return moved
    const { rowCount } = await client.query(MOVE, [rows.map(({ id }) => id)])
    moved += rowCount ?? 0
  }
}

async function countDead(client: pg.Client) {
  const { rows } = await client.query<{ count: number }>('select count(*)::int from outbox_dead')
  return rows[0]?.count ?? 0
}

/**
 * Lets the next publisher try at once a topic with all its partitions, or one partition. Gives what of that was
 * held back. Throws where nothing of it was.
 */
export async function release(
  client: pg.Client,
  { target, dryRun }: { target: string; dryRun: boolean },
): Promise<string[]> {
  const { rows } = await client.query<{ target: string }>(
    dryRun
      ? `select target from outbox_held where ${NAMED} order by target`
      : `update outbox_held set retry_at = least(retry_at, now()) where ${NAMED} returning target`,
    [target],
  )
  if (!rows.length) throw new Error(`nothing is held back for ${target}: npm run outbox -- status shows what is`)
  return rows.map((row) => row.target).sort()
}
const NAMED = `(target = $1 or starts_with(target, $1 || ':'))` // no topic has a colon in its name

/** How many were pending, and how many dead; and whether a publisher was at work, which may have had them already. */
export type Dropped = { pending: number; dead: number; publishing: boolean }

/**
 * Deletes events for good, pending or dead ones, when `confirm` agrees; gives null when it does not.
 * Throws, having changed nothing, where an id is neither's.
 */
export async function drop(
  client: pg.Client,
  { ids, dryRun }: { ids: string[]; dryRun: boolean },
  confirm: (count: Dropped) => Promise<boolean>,
): Promise<Dropped | null> {
  const found = await findEvents(client, ids)
  await refuseUnknown(client, ids, found.rows, 'pending or dead')
  if (dryRun) return found.count
  if (!(await confirm(found.count))) return null // no transaction is open while somebody thinks
  return transaction(client, async () => {
    const { rows } = await client.query<Found>(
      `with pending as (
        delete from outbox where event_id = any($1::uuid[]) returning event_id
      ), dead as (
        delete from outbox_dead where event_id = any($1::uuid[]) returning event_id
      )
      select event_id, false as dead, ${PUBLISHING} from pending union all select event_id, true, ${PUBLISHING} from dead`,
      [ids],
    )
    await refuseUnknown(client, ids, rows, 'pending or dead')
    return countOf(rows)
  })
}

type Found = { event_id: string; dead: boolean; publishing: boolean }
const PUBLISHING = '(select expires_at > now() from outbox_lease) as publishing'

async function findEvents(client: pg.Client, ids: string[]) {
  const { rows } = await client.query<Found>(
    `select event_id, false as dead, ${PUBLISHING} from outbox where event_id = any($1::uuid[])
    union all select event_id, true, ${PUBLISHING} from outbox_dead where event_id = any($1::uuid[])`,
    [ids],
  )
  return { rows, count: countOf(rows) }
}

function countOf(rows: Found[]): Dropped {
  const dead = rows.filter((row) => row.dead).length
  const pending = rows.length - dead
  return { pending, dead, publishing: pending > 0 && rows.some(({ publishing }) => publishing) }
}

/** Names the first few of the ids that were not found, and what they are instead. */
async function refuseUnknown(client: pg.Client, ids: string[], found: { event_id: string }[], what: string) {
  const known = new Set(found.map(({ event_id }) => event_id))
  const unknown = ids.filter((id) => !known.has(id))
  if (!unknown.length) return
  const { rows } = await client.query<{ event_id: string }>(
    'select event_id from outbox where event_id = any($1::uuid[])',
    [unknown],
  )
  const waiting = new Set(rows.map(({ event_id }) => event_id))
  const named = unknown.slice(0, NAMES).map((id) => (waiting.has(id) ? `${id} (it is pending)` : id))
  const more = unknown.length > NAMES ? ` and ${unknown.length - NAMES} more` : ''
  throw new Error(`nothing was changed, as there is no ${what} event ${named.join(', ')}${more}`)
}
const NAMES = 10
