// Done once in effect: the claim of an event's id and the effect are one transaction. Whoever dies before its commit
// leaves neither.

import type pg from 'pg'
import type { App, Effect } from './app.ts'
import { transaction } from './database.ts'
import { type ConsumedRecord, Poison, type ProductEvent } from './event.ts'

/** What became of an event. `did` is what the app says of its effect. */
export type Delivery = { outcome: 'done'; did: string } | { outcome: 'duplicate' | 'outdated' }

type Claim = { claimed: boolean; newest: boolean }

/**
 * Claims the id, and the version of the product where it is newer than what this group has seen. Another member that
 * has claimed the same but has not committed yet is waited for.
 */
const CLAIM = `
  with claim as (
    insert into consumers.processed (group_id, source, event_id) values ($1, $2, $3)
    on conflict do nothing returning true
  ), newer as (
    insert into consumers.versions (group_id, product_id, version) select $1, $4, $5 where exists (select from claim)
    on conflict (group_id, product_id) do update set version = excluded.version
      where versions.version < excluded.version
    returning true
  )
  select exists (select from claim) as claimed, exists (select from newer) as newest`

/** The class of what a value itself makes impossible: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const DATA_EXCEPTION = '22'

/** The effect of an event, unless it is there or must not be any more. Throws Poison where it can never work. */
export async function deliver(
  pool: pg.Pool,
  { groupId, app, effect }: { groupId: string; app: Pick<App, 'olderToo'>; effect: Effect },
  event: ProductEvent,
  record: ConsumedRecord,
): Promise<Delivery> {
  try {
    return await transaction(pool, async (client) => {
      const { rows } = await client.query<Claim>(CLAIM, [
        groupId,
        event.source,
        event.id,
        event.product_id,
        event.version,
      ])
      if (!rows[0]?.claimed) return { outcome: 'duplicate' }
      if (!rows[0].newest && !app.olderToo) return { outcome: 'outdated' }
      return { outcome: 'done', did: await effect({ event, record, client }) }
    })
  } catch (error) {
    if (hasCode(error) && error.code.startsWith(DATA_EXCEPTION)) throw new Poison(error.message, { cause: error })
    throw error
  }
}

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
