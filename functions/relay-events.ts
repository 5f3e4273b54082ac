// The relay: publishes what a crash, or a broker that was away, left in the outbox, and forgets old idempotency keys.
// The alarm comes while something is left, the cron each hour: for what no alarm was set for.

import { parseConfig, PublisherConfig } from '../lib/config.ts'
import { database } from '../lib/database.ts'
import { errorFields, log } from '../lib/log.ts'
import { relay } from '../lib/outbox/relay.ts'
import { wake } from '../lib/outbox/wake.ts'

export { OutboxAlarm } from '../lib/outbox/alarm.ts'

export const relayEvents: ExportedHandlerScheduledHandler<Cloudflare.RelayEventsEnv> = async (_controller, env) => {
  try {
    const config = parseConfig(PublisherConfig, env)
    const again = await relay(database(config), config)
    if (again !== undefined) await wake(env, again)
  } catch (error) {
    log('error', 'the relay failed', errorFields(error))
    throw error // for Cloudflare to count it
  }
}

export default { scheduled: relayEvents }
