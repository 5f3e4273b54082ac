import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { log } from '../log.ts'
import type { AppEnv } from './env.ts'

/**
 * One line a request, with whose token it had. It says the route and not the URL: a path or a query may hold what is
 * not for the log.
 */
export const logRequest = createMiddleware<AppEnv>(async (c, next) => {
  const began = Date.now()
  await next()
  const { requestId, eventId, caller } = c.var
  log('info', 'request', {
    method: c.req.method,
    route: routePath(c, -1).replaceAll(/\{.*?\}/g, ''), // without the patterns of its parameters
    status: c.res.status,
    ms: Date.now() - began,
    requestId,
    ...(caller && { token: caller.slice(0, 8) }), // as much of its hash as tells it from others
    ...(eventId && { eventId }),
  })
})
