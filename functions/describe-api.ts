// GET /openapi.json, and GET /docs, a page to read and try it

import { Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import { HttpConfig } from '../lib/config.ts'
import { contract } from '../lib/contract/document.ts'
import { createApp } from '../lib/http/app.ts'
import type { AppEnv } from '../lib/http/env.ts'
import { problems } from '../lib/http/problems.ts'
import { CONTENT_SECURITY_POLICY, page, resources } from '../lib/contract/viewer.ts'

const tagged = etag({
  retainedHeaders: [
    ...RETAINED_304_HEADERS,
    'X-Request-Id',
    'Access-Control-Allow-Origin',
    'Access-Control-Expose-Headers',
  ],
})

export const describeApi = new Hono<AppEnv>()
  .get('/openapi.json', tagged, (c) =>
    c.json(contract(new URL(c.req.url).origin), 200, { 'Cache-Control': 'public, no-cache' }),
  )
  .get('/docs', tagged, (c) =>
    c.html(page, 200, {
      'Cache-Control': 'public, no-cache, no-transform', // lest Cloudflare writes scripts into it, which the policy forbids
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    }),
  )
  .get('/docs/', (c) => c.redirect('/docs', 301))
  .get('/docs/:file', tagged, (c) => {
    const resource = resources.get(c.req.param('file'))
    if (!resource) throw problems.nothingHere()
    return c.body(resource.text, 200, { 'Cache-Control': 'public, max-age=86400', 'Content-Type': resource.type })
  })

export default createApp(HttpConfig).route('/', describeApi)
