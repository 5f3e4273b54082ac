// Where the stack is: where the environment says, or else where `npm run dev` and `docker compose up` have it.

import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { portOffset, PORTS } from '../dev/ports.ts'

/** The environment of the members, and its configuration. Throws where something there is wrong. */
export function findStack() {
  const offset = portOffset()
  const env = {
    ...process.env,
    DATABASE_URL:
      process.env.DATABASE_URL || `postgresql://products:products@127.0.0.1:${PORTS.postgres + offset}/products`,
    KAFKA_BOOTSTRAP_SERVERS: process.env.KAFKA_BOOTSTRAP_SERVERS || `127.0.0.1:${PORTS.kafka + offset}`,
  }
  return { env, config: parseConfig(PublisherConfig, env) }
}
