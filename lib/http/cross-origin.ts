import type { Context, Next } from 'hono'
import { cors } from 'hono/cors'
import type { HttpConfig } from '../config.ts'

/**
 * Lets pages of the ALLOWED_ORIGINS call the API: https://fetch.spec.whatwg.org/#http-cors-protocol. By default there
 * are none.
 */
export function crossOrigin({ ALLOWED_ORIGINS: origin }: HttpConfig, c: Context, next: Next) {
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
}
