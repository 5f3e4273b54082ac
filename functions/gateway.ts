// One public address for functions that are deployed on their own: hands each request, by method and path, to the
// Worker that answers it.

import { type Context, Hono } from 'hono'
import { HttpConfig } from '../lib/config.ts'
import { HANDLERS } from '../lib/handlers.ts'
import { createApp } from '../lib/http/app.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { problems } from '../lib/http/problems.ts'
import { errorFields, log } from '../lib/log.ts'

/**
 * What only the gateway can answer: 404, 405, OPTIONS, and 503 for a function that is not there. All else is its
 * function's to say.
 */
const unanswered = createApp(HttpConfig)
const gateway = new Hono<{ Bindings: AppEnv['Bindings'] & Record<string, unknown> }>()

for (const { name, binding, routes } of HANDLERS)
  for (const { method, path } of routes) {
    unanswered.on(method, path, () => {
      throw problems.noHandler(name)
    })
    gateway.on(method, path, async (c, next) => {
      try {
        const service = c.env[binding]
        if (isService(service)) return await service.fetch(c.req.raw)
        log('error', 'a function is not bound', { function: name, binding })
      } catch (error) {
        log('error', 'a function failed', { function: name, ...errorFields(error) })
      }
      return next()
    })
  }

gateway.all('*', (c: Context) => unanswered.fetch(c.req.raw, c.env, c.executionCtx))

export default gateway

/** https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/http/ */
function isService(binding: unknown): binding is Pick<Fetcher, 'fetch'> {
  return typeof binding === 'object' && binding !== null && 'fetch' in binding
}
