// Cron: publishes what a crash, or a broker that was away, left in the outbox, and forgets old idempotency keys.

import { parseConfig, PublisherConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { forgetting } from '../lib/forget.ts'
import { errorFields, log } from '../lib/log.ts'
import { forgetAcknowledged } from '../lib/outbox/acknowledged.ts'
import { drain } from '../lib/outbox/drain.ts'
import { forgetKeys } from '../lib/products/idempotent.ts'

export const relayEvents: ExportedHandlerScheduledHandler<Cloudflare.RelayEventsEnv> = async (_controller, env) => {
  try {
    const config = parseConfig(PublisherConfig, env)
    const sql = database(config)
    await drain(sql, config)
    const most = forgetting(config.OUTBOX_MAX_STATEMENTS)
    await forgetKeys(sql, most)
    await forgetAcknowledged(sql, most)
  } catch (error) {
    log('error', 'the relay failed', errorFields(error))
    throw error // for Cloudflare to count it
  }
}

export default { scheduled: relayEvents }
