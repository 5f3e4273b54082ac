// What is done for all, rather than for one request: by the alarm while something is left, and by the cron each hour.

import type { PublisherConfig } from '../config.ts'
import type { Sql } from '../database.ts'
import { forgetting } from '../forget.ts'
import { forgetKeys } from '../products/idempotent.ts'
import { forgetAcknowledged } from './acknowledged.ts'
import { drain } from './drain.ts'
import { LEASE, untilNext } from './statements.ts'

const SOON = 1_000 // ms: the least time between two looks
const MORE = 60_000 // ms until more is forgotten: as fast as a cron of each minute would

/**
 * Publishes what is in the outbox, and forgets what is older than 24 h. Gives in how many ms that is to be done again,
 * or undefined where nothing is left. Throws what the driver throws where the database cannot be reached: then nobody
 * knows.
 */
export async function relay(sql: Sql, config: PublisherConfig): Promise<number | undefined> {
  const again = await drain(sql, config)
  const most = forgetting(config.OUTBOX_MAX_STATEMENTS)
  const moreKeys = await forgetKeys(sql, most)
  const moreAcknowledged = await forgetAcknowledged(sql, most)
  const left = await untilNext(sql) // others may have written meanwhile, or hold the lease
  if (left !== null) return Math.max(SOON, left, again ?? LEASE)
  return moreKeys || moreAcknowledged ? MORE : undefined
}
