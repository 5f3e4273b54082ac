// The inbox must not grow for ever: an id goes when its event will not come again.

import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { errorMessage } from '../machine/error-message.ts'

/**
 * How long an id is remembered after its event was done. Kafka keeps a record for 7 days where nobody has said
 * otherwise (https://kafka.apache.org/documentation/#topicconfigs_retention.ms), and a dead letter as long again: after
 * four times as much neither is there to be read. Where records are kept for longer, an older one that is read again
 * finds no claim: README.md says what then.
 */
export const RETENTION_DAYS = 30
const BATCH = 1_000 // ids in one transaction: a member that wants to claim is held up by none
const EVERY = 3_600_000 // ms

/**
 * Those of a group that are older, in small batches. Members may do so at once: they skip what another one is at. Gives
 * how many went.
 */
export async function forgetOld(pool: pg.Pool, groupId: string, { days = RETENTION_DAYS, batch = BATCH } = {}) {
  for (let forgotten = 0; ;) {
    const { rowCount } = await pool.query(
      `delete from consumers.processed where (group_id, source, event_id) in (
         select group_id, source, event_id from consumers.processed
         where group_id = $1 and processed_at < now() - make_interval(days => $2)
         limit $3 for update skip locked
       )`,
      [groupId, days, batch],
    )
    forgotten += rowCount ?? 0
    if ((rowCount ?? 0) < batch) return forgotten
  }
}

/** Now and every hour, until `signal`. What fails is told to `trouble`, and done an hour later. */
export async function keepForgetting(
  pool: pg.Pool,
  groupId: string,
  trouble: (reason: string) => void,
  signal: AbortSignal,
) {
  while (!signal.aborted) {
    await forgetOld(pool, groupId).catch((error: unknown) => {
      if (!signal.aborted) trouble(`old ids could not be forgotten: ${errorMessage(error)}`)
    })
    await sleep(EVERY, undefined, { signal, ref: false }).catch(() => {}) // it is over
  }
}
