// What every answer has in common, with the whole API in one Worker.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { stage } from '../../local/rig/stage.ts'
import { rateLimitedTo, worker } from '../../local/rig/worker.ts'

const { env } = stage()
const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')

describe('tokens', () => {
  const api = worker('', {
    ...env,
    API_TOKENS: `${sha256('writer')}, write:${sha256('next-writer')}, read:${sha256('reader')}`,
  })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })

  test.each(['writer', 'next-writer'])('%s writes and reads', async (token) => {
    const created = await api.post('/products', bun, as(token))
    expect(created.status).toBe(201)
    const path = created.headers.get('location') ?? ''
    expect((await api.fetch(path, { headers: as(token) })).status).toBe(200)
    expect((await api.send('PATCH', path, { quantity: 1 }, as(token))).status).toBe(200)
    expect((await api.fetch(path, { method: 'DELETE', headers: as(token) })).status).toBe(204)
  })

  test('the log says whose token it was, by 8 hex of its hash', async () => {
    const id = crypto.randomUUID()
    await api.fetch('/products/0', { headers: { ...as('reader'), 'x-request-id': id } })
    await expect
      .poll(() => api.logs().find((line) => line.includes(id)))
      .toContain(`"token":"${sha256('reader').slice(0, 8)}"`)
    expect(api.logs().join('\n')).not.toContain(sha256('reader').slice(0, 9))
  })

  test('a read token reads, and may not write', async () => {
    expect((await api.fetch('/products', { headers: as('reader') })).status).toBe(200)
    for (const [method, path] of [
      ['POST', '/products'],
      ['PATCH', '/products/1'],
      ['DELETE', '/products/1'],
    ] as const) {
      const response = await api.send(method, path, method === 'DELETE' ? undefined : bun, as('reader'))
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        403,
        'Bearer error="insufficient_scope"',
      ])
      expect(await response.json()).toMatchObject({ title: 'Forbidden', status: 403 })
    }
  })

  test.each([
    [{}, 'Bearer'],
    [{ authorization: 'Basic d3JpdGVyOg==' }, 'Bearer'],
    [{ authorization: 'Bearer' }, 'Bearer'],
    [as('stranger'), 'Bearer error="invalid_token"'],
    [as(sha256('writer')), 'Bearer error="invalid_token"'],
    [as('writer '.repeat(2)), 'Bearer'],
    [as(''), 'Bearer'],
  ])('%j is 401', async (headers, challenge) => {
    for (const path of ['/products', '/products/1']) {
      const response = await api.fetch(path, { headers: { ...headers } })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, challenge])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    expect((await api.post('/products', 'not even JSON', { ...headers })).status).toBe(401)
  })

  test('health needs none', async () => {
    const health = async () => (await api.fetch('/health')).status
    await expect.poll(health, { interval: 1_000 }).toBe(200) // but 503 while the database takes longer than 1.5 s
    expect((await api.fetch('/health/live')).status).toBe(200)
  })
})

describe('a rate limit', async () => {
  const tokens = ['hasty', 'patient', 'other', 'importer']
  const api = worker('', { ...env, API_TOKENS: tokens.map(sha256).join() }, await rateLimitedTo(20))
  const ask = (token = '') => api.fetch('/products/0', { headers: { authorization: `Bearer ${token}` } })

  test('makes the token wait that asks too often, and no other', async () => {
    const answers = await Promise.all(Array.from({ length: 45 }, () => ask('hasty'))) // more than two periods allow
    const statuses = answers.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([404, 429]))
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('10')
    expect((await ask('patient')).status).toBe(404)
  })

  test('makes an address wait that sends no good token too often, and no token from there', async () => {
    const answers = await Promise.all(Array.from({ length: 45 }, (_, i) => ask(i % 2 ? `guess-${i}` : '')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
    expect((await ask('other')).status).toBe(404)
  })

  test('counts an import by what it has', async () => {
    const send = (count: number) =>
      api.post('/products/import', Array(count).fill(bun), { authorization: 'Bearer importer' })
    expect((await send(1)).status).toBe(201)
    expect((await send(500)).status).toBe(429)
  })
})

describe('an open API', () => {
  const api = worker('', { ...env, ALLOWED_ORIGINS: 'https://shop.example,http://localhost:3000' })
  const lines = () =>
    api.logs().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []))

  test('a request id is taken over if it is sane, and made if not', async () => {
    const given = await api.fetch('/products', { headers: { 'x-request-id': 'order-42_a' } })
    expect(given.headers.get('x-request-id')).toBe('order-42_a')
    for (const id of ['', 'a b', 'x'.repeat(129), '<script>', '"']) {
      const made = await api.fetch('/nothing', { headers: { 'x-request-id': id } })
      expect(made.headers.get('x-request-id')).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/)
    }
  })

  test('one log line a request says what happened, and nothing that was in it', async () => {
    const id = crypto.randomUUID()
    const created = await api.post(
      '/products?token=hidden',
      { ...bun, name: 'hidden' },
      { 'x-request-id': id, authorization: 'Bearer hidden' },
    )
    expect(created.status).toBe(201)
    await expect
      .poll(() => lines().filter(({ requestId }) => requestId === id))
      .toEqual([
        {
          level: 'info',
          message: 'request',
          method: 'POST',
          route: '/products',
          status: 201,
          ms: expect.any(Number),
          requestId: id,
          eventId: expect.stringMatching(/^[\da-f-]{36}$/),
        },
      ])
    const missing = crypto.randomUUID()
    await api.fetch('/products/4242424242', { headers: { 'x-request-id': missing } })
    await expect
      .poll(() => lines().find(({ requestId }) => requestId === missing))
      .toMatchObject({ route: '/products/:id', status: 404 })
    expect(api.logs().join('\n')).not.toMatch(/hidden|4242424242/)
  })

  test('writes are not to be stored, a product may be kept if it is asked for again, and nobody may touch what has a version', async () => {
    const created = await api.post('/products', bun)
    const path = created.headers.get('location') ?? ''
    expect(created.headers.get('cache-control')).toBe('no-store, no-transform')
    expect((await api.post('/products', {})).headers.get('cache-control')).toBe('no-store')
    expect((await api.fetch('/products')).headers.get('cache-control')).toBe('private, no-cache')
    const first = await api.fetch(path)
    expect([first.headers.get('etag'), first.headers.get('cache-control')]).toEqual([
      '"1"',
      'private, no-cache, no-transform',
    ])
    const changed = await api.send('PATCH', path, { quantity: 1 })
    expect([changed.headers.get('etag'), changed.headers.get('cache-control')]).toEqual([
      '"2"',
      'no-store, no-transform',
    ])
  })

  test.each([
    ['"1"', 304],
    ['W/"1"', 304],
    ['"9", "1"', 304],
    ['*', 304],
    ['"2"', 200],
    ['nonsense', 200],
  ])('If-None-Match: %s is %i for version 1', async (tags, status) => {
    const path = (await api.post('/products', bun)).headers.get('location') ?? ''
    for (const method of ['GET', 'HEAD']) {
      const response = await api.fetch(path, { method, headers: { 'if-none-match': tags } })
      expect([response.status, response.headers.get('etag')]).toEqual([status, '"1"'])
      expect((await response.text()).length > 0).toBe(status === 200 && method === 'GET')
    }
  })

  test('every answer has the headers that keep a browser safe', async () => {
    for (const path of ['/products', '/nothing', '/health']) {
      const { headers } = await api.fetch(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('pages of the allowed origins may call it, others may not', async () => {
    const preflight = (origin: string) =>
      api.fetch('/products/1', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'if-match' },
      })
    const allowed = await preflight('https://shop.example')
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'https://shop.example'])
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(allowed.headers.get('access-control-allow-headers')).toContain('If-Match')
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()

    for (const path of ['/products', '/nothing']) {
      const answer = await api.fetch(path, { headers: { origin: 'http://localhost:3000' } })
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
      expect(answer.headers.get('access-control-expose-headers')).toContain('ETag')
      expect(answer.headers.get('vary')).toContain('Origin')
    }
  })
})

describe('without ALLOWED_ORIGINS', () => {
  const api = worker('list-products', env)

  test('no page of another origin may call it', async () => {
    const { headers } = await api.fetch('/products', { headers: { origin: 'https://shop.example' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})
