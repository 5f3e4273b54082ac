import type { Context } from 'hono'
import type { EventContext } from './events.ts'

/** What the event of a request knows of it. */
export const eventContext = (c: Context, awaited = false): EventContext => ({
  eventId: crypto.randomUUID(),
  awaited,
  traceparent: parseTraceparent(c.req.header('traceparent')),
})

/** The header if it is one that W3C Trace Context allows: https://www.w3.org/TR/trace-context/#traceparent-header */
export function parseTraceparent(header: string | undefined): string | undefined {
  const [, version, trace, parent] = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/.exec(header ?? '') ?? []
  const valid = version !== undefined && version !== 'ff' && /[^0]/.test(trace ?? '') && /[^0]/.test(parent ?? '')
  return valid ? header : undefined
}
