import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './env.ts'

/**
 * Lets pages of the ALLOWED_ORIGINS call the API: https://fetch.spec.whatwg.org/#http-cors-protocol. By default there
 * are none.
 */
export const crossOrigin = createMiddleware<AppEnv>(async (c, next) => {
  const { ALLOWED_ORIGINS: origin } = c.var.config
  const preflight = c.req.header('access-control-request-method') !== undefined
  if (!origin.length || (c.req.method === 'OPTIONS' && !preflight)) return next()
  return cors({
    origin,
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Prefer',
      'Traceparent',
      'X-Request-Id',
    ],
    exposeHeaders: [
      'Accept-Patch',
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Location',
      'Preference-Applied',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: 600,
  })(c, next)
})
