// The frame around a Worker's routes: headers and configuration before them, errors after them.

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import type * as z from 'zod'
import { ConfigError, type HttpConfig, parseConfig } from '../config.ts'
import { isUnavailable } from './unavailable.ts'
import { errorFields, log } from '../log.ts'
import { PATCH_TYPES } from './body.ts'
import { crossOrigin } from './cross-origin.ts'
import type { AppEnv } from './env.ts'
import { ownMachine } from './own-machine.ts'
import { Problem } from './problem.ts'
import { problems } from './problems.ts'
import { logRequest } from './request-log.ts'

const MAX_REQUEST_ID = 128 // characters

/** One Worker. Its routes are mounted with `.route('/', …)`; a wrong configuration answers every request with 500. */
export function createApp<C extends HttpConfig>(schema: z.ZodType<C>) {
  const app = new Hono<AppEnv<C>>()
  const configOf = memoized((env: object) => parseConfig(schema, env))
  app.use(requestId({ limitLength: MAX_REQUEST_ID }), logRequest, secureHeaders())
  // One of ours and not one for each: every middleware is a promise more in each request.
  app.use(async (c, next) => {
    const config = configOf(c.env)
    c.set('config', config)
    ownMachine(config, c.req)
    const preflight: unknown = await crossOrigin(config, c, next)
    if (preflight instanceof Response) return preflight // else it is what next() gives
    const writes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (writes && !c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store') // set before, it would win
  })
  const answer = (c: Context, problem: Problem) =>
    c.body(JSON.stringify(problem), problem.status, {
      ...problem.headers,
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json',
    })
  app.onError((error, c) => answer(c, toProblem(error, c.var.requestId)))
  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path)
    if (!allowed.length) return answer(c, problems.nothingHere())
    const headers = {
      Allow: allowed.join(', '),
      ...(allowed.includes('PATCH') && { 'Accept-Patch': PATCH_TYPES.join(', ') }), // RFC 5789, section 3.1
    }
    if (c.req.method === 'OPTIONS') return c.body(null, 204, headers)
    return answer(c, problems.otherMethod(headers))
  })
  return app
}

/**
 * The same function, which computes nothing twice for one object: an isolate has one environment for all requests. What
 * throws is tried again.
 */
function memoized<K extends object, V>(compute: (key: K) => V) {
  const known = new WeakMap<K, V>()
  return (key: K): V => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}

/**
 * The one place where what was thrown becomes an answer: the client learns what it can act on, the log has the cause.
 */
function toProblem(error: Error, requestId: string): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status < 500) return problems.notUnderstood()
  const fields = { requestId, ...errorFields(error) }
  if (isUnavailable(error)) {
    log('error', 'the database cannot be used', fields)
    return problems.noDatabase()
  }
  log('error', error instanceof ConfigError ? 'the configuration is wrong' : 'a request failed', fields)
  return problems.internal()
}

/** The methods that a path takes. `app.use()` counts as method ALL and leads nowhere by itself. */
function allowedMethods<E extends AppEnv>(app: Hono<E>, path: string) {
  const takes = (method: string) => app.router.match(method, path)[0].some(([[, route]]) => route.method === method)
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
    .filter(takes)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}
