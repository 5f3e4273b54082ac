import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ReaderConfig } from '../config.ts'
import { createApp } from './app.ts'
import { authenticate } from './authenticate.ts'
import type { AppEnv } from './env.ts'
import { limitRows, networkOf } from './rate-limit.ts'

const env = {
  DATABASE_URL: 'postgresql://user:password@host/database',
  API_TOKENS: createHash('sha256').update('good').digest('hex'),
}
const good = { authorization: 'Bearer good' }

/** An API of one route, with a limiter that counts as Cloudflare's does, and says what it was asked. */
function api(limit: number) {
  const counts = new Map<string, number>()
  const RATE_LIMITER = {
    async limit({ key }: { key: string }) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return { success: (counts.get(key) ?? 0) <= limit }
    },
  }
  const ask = async (headers: Record<string, string>, rows = 1, given: object = { RATE_LIMITER }) =>
    (await app.request('/', { headers: { ...headers, 'x-rows': String(rows) } }, { ...env, ...given })).status
  return { counts, ask, RATE_LIMITER }
}

const app = createApp(ReaderConfig).route(
  '/',
  new Hono<AppEnv<ReaderConfig>>().get('/', authenticate('read'), async (c) => {
    await limitRows(c.env.RATE_LIMITER, c.var.caller, Number(c.req.header('x-rows')))
    return c.body(null, 204)
  }),
)

test.each([
  [1, 1],
  [10, 1],
  [11, 2],
  [1_000, 100],
])('an import of %i rows counts as %i requests', async (rows, requests) => {
  const { counts, ask } = api(100)
  expect(await ask(good, rows)).toBe(204)
  expect([...counts.values()]).toEqual([requests])
})

test('an import of more rows than a token may have left waits', async () => {
  const { ask } = api(100)
  expect([await ask(good, 500), await ask(good, 900), await ask(good)]).toEqual([204, 429, 429])
})

test('who has no good token is counted by address, and costs no token anything', async () => {
  const { ask } = api(2)
  const from = (address: string, token = {}) => ask({ 'cf-connecting-ip': address, ...token })
  const guess = { authorization: 'Bearer guess' }
  expect([await from('192.0.2.1'), await from('192.0.2.1', guess), await from('192.0.2.1', guess)]).toEqual([
    401, 401, 429,
  ])
  expect([await from('192.0.2.2'), await from('192.0.2.1', good)]).toEqual([401, 204])
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['', ''],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('a limiter that is not bound limits nobody, and is said once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const { ask } = api(0)
  expect([await ask(good, 1, {}), await ask(good, 1, {})]).toEqual([204, 204])
  expect(warn.mock.calls.flat().filter((line) => String(line).includes('RATE_LIMITER'))).toHaveLength(1)
})

test('a limiter that fails limits nobody, and is said', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => error.mockRestore())
  const { ask } = api(0)
  expect(await ask(good, 1, { RATE_LIMITER: { limit: () => Promise.reject(new Error('away')) } })).toBe(204)
  expect(error.mock.calls).toEqual([[expect.stringMatching(/the rate limit cannot be told.*away/)]])
})

test('an open API counts nobody, however many rows an import has', async () => {
  const { counts, ask, RATE_LIMITER } = api(0)
  expect([
    await ask({}, 1_000, { API_TOKENS: 'none', RATE_LIMITER }),
    await ask(good, 1_000, { API_TOKENS: 'none', RATE_LIMITER }),
  ]).toEqual([204, 204])
  expect(counts.size).toBe(0)
})
