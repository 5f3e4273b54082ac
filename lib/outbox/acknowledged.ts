// For a request that wants to know: has Kafka acknowledged its event?

import type { Sql } from '../database.ts'
import { FORGET, forget } from '../forget.ts'
import { errorFields, log } from '../log.ts'

// From 20 ms between two looks to 500 ms: about 30 in 10 s. A Worker on Cloudflare's free plan may make 50 requests in
// all: https://developers.cloudflare.com/workers/platform/limits/#subrequests
const FIRST = 20
const GROWTH = 1.25
const LAST = 500

const GRACE = 500 // ms the last look may take

/**
 * Waits up to `ms` and gives whether the event has been acknowledged: one that was written as `awaited` is remembered
 * when it is, so that one which somebody has deleted, or which Kafka refuses, does not count. It asks the database, as
 * the publisher may be another request's, whose promises must not be awaited. Never throws: the product is there,
 * whatever happens here.
 */
export async function waitForAcknowledgement(sql: Sql, eventId: string, ms: number): Promise<boolean> {
  let timer
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms + GRACE, false)
  })
  const acknowledged = poll(sql, eventId, Date.now() + ms).catch((error: unknown) => {
    log('error', 'an acknowledgement could not be waited for', { eventId, ...errorFields(error) })
    return false
  })
  const answer = await Promise.race([acknowledged, tooLate])
  clearTimeout(timer)
  return answer
}

async function poll(sql: Sql, eventId: string, end: number) {
  for (let step = FIRST; Date.now() < end; step = Math.min(step * GROWTH, LAST)) {
    await new Promise((wake) => setTimeout(wake, Math.min(step, end - Date.now())))
    const [row] = await sql`
      select case
        when exists (select from outbox where event_id = ${eventId}) then 'pending'
        when exists (select from outbox_acknowledged where event_id = ${eventId}) then 'acknowledged'
        else 'gone'
      end as state`
    if (row?.state !== 'pending') return row?.state === 'acknowledged'
  }
  return false
}

/**
 * Forgets after 24 h, as idempotency keys are, what was acknowledged: a replay may wait for it as well. By `most`
 * statements at most; gives whether it has left some. Never throws.
 */
export const forgetAcknowledged = (sql: Sql, most: number): Promise<boolean> =>
  forget('acknowledged events', most, async () => {
    const [row] = await sql`
      with forgotten as (
        delete from outbox_acknowledged where ctid = any(array(
          select ctid from outbox_acknowledged where acknowledged_at < now() - interval '24 hours'
          order by acknowledged_at limit ${FORGET}
        ))
        returning event_id
      )
      select count(*)::int as count from forgotten`
    return Number(row?.count)
  })
