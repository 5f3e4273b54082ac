import type { RequestIdVariables } from 'hono/request-id'
import type { HttpConfig } from '../config.ts'
import type { AlarmEnv } from '../outbox/wake.ts'

/** What a route finds in `c`, given the part of the configuration that it needs. */
export type AppEnv<C extends HttpConfig = HttpConfig> = {
  Bindings: AlarmEnv & { RATE_LIMITER?: { limit(options: { key: string }): Promise<{ success: boolean }> } }
  Variables: RequestIdVariables & {
    config: C
    caller: string // who asks: the hash of the token, '' where the API is open
    eventId?: string // of the event that the request has caused
  }
}
