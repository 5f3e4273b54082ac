import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTestHarness, unstable_readConfig } from 'wrangler'
import { HANDLERS } from '../lib/handlers.ts'
import { bundle } from '../local/rig/killable-worker.ts'

const root = join(import.meta.dirname, '..')
const config = unstable_readConfig({ config: join(root, 'wrangler.toml'), env: 'gateway' })
const { compatibility_date, compatibility_flags, services } = config
const compatibilityDate = compatibility_date ?? ''
const compatibilityFlags = compatibility_flags
const bound = HANDLERS.filter(({ routes }) => routes.length)

describe('behind one address', () => {
  const origin = 'https://shop.example'
  const harness = createTestHarness({
    root,
    workers: [
      {
        config: {
          compatibility_date,
          compatibility_flags,
          name: 'gateway',
          main: 'functions/gateway.ts',
          services: services?.filter((bound: { service: string }) => bound.service !== 'health'), // as if it were not deployed
          vars: { ALLOWED_ORIGINS: origin },
        },
      },
      ...bound.map(({ name }) => {
        return {
          config: { compatibility_date, compatibility_flags, name, main: 'local/rig/echo.ts', vars: { NAME: name } },
        }
      }),
    ],
  })
  let address = ''
  beforeAll(async () => {
    address = (await harness.listen()).url.origin
  })
  afterAll(() => harness.close())

  const reached = bound.filter(({ name }) => name !== 'health')
  const calls = reached.flatMap(({ name, routes }) =>
    routes.map(({ method, path }) => ({ name, method, path: path.replace(/:\w+(\{.*\})?/, '7') })),
  )

  test.each(calls)('$method $path is for $name, as it was sent', async ({ name, method, path }) => {
    const headers = { 'x-request-id': 'req-1', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
    const body = method === 'GET' ? '' : 'any bytes at all'
    const response = await harness.fetch(`${path}?limit=3`, { method, headers, ...(body && { body }) })
    const { url, ...rest } = (await response.json()) as { url: string }
    expect(rest).toMatchObject({ name, method, headers, body })
    expect(new URL(url)).toMatchObject({ pathname: path, search: '?limit=3' })
  })

  test('HEAD goes where GET goes', async () => {
    const response = await harness.fetch('/products', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'application/json',
      '',
    ])
  })

  test.each(['/', '/product', '/products/', '/products/x', '/products/1/2', '//products'])(
    '%s is 404',
    async (path) => {
      const response = await harness.fetch(address + path) // whole: //products alone would be a host
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
      expect(await response.json()).toMatchObject({ title: 'Not Found', status: 404 })
    },
  )

  test.each([
    ['PUT', '/products', 'GET, HEAD, POST'],
    ['POST', '/products/7', 'GET, HEAD, PATCH, DELETE'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['GET', '/products/import', 'POST'],
  ])('%s %s is 405, with all that the path takes, and OPTIONS says the same', async (method, path, allow) => {
    const response = await harness.fetch(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    const options = await harness.fetch(path, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow])
  })

  test('a page of an allowed origin may ask, and may read what the gateway says itself', async () => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const preflight = await harness.fetch('/products', { method: 'OPTIONS', headers })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    const missing = await harness.fetch('/nothing', { headers: { origin } })
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, origin])
  })

  test('a function that is not deployed is 503, and the log names it', async () => {
    harness.clearLogs()
    const response = await harness.fetch('/health', { headers: { 'x-request-id': 'req-2' } })
    expect(response.status).toBe(503)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '5',
      'x-request-id': 'req-2',
    })
    expect(await response.json()).toMatchObject({ status: 503, detail: 'The function health cannot be reached.' })
    const lines = () => harness.getLogs().map(({ message }) => message)
    await expect
      .poll(() => lines().find((line) => line.includes('a function is not bound') && line.includes('HEALTH')))
      .toBeDefined()
  })
})

describe('functions in processes of their own', () => {
  const says = (name: string, version: string) =>
    `export default { fetch: () => Response.json({ name: '${name}', version: '${version}' }) }`

  /** `start` runs Workers in a process that the others find; the first of them has the address. */
  async function neighbourhood() {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const options = (workers: { name: string; script: string; serviceBindings?: Record<string, string> }[]) =>
      convertV4MiniflareOptions({
        unsafeDevRegistryPath: folder,
        host: '127.0.0.1',
        port: 0,
        workers: workers.map((worker) => ({ compatibilityDate, compatibilityFlags, modules: true, ...worker })),
      })
    return async (...workers: Parameters<typeof options>[0]) => {
      const running = new Miniflare(options(workers))
      onTestFinished(() => running.dispose())
      return {
        url: await running.ready,
        replace: (...workers: Parameters<typeof options>[0]) => running.setOptions(options(workers)),
      }
    }
  }

  async function gateway() {
    await using built = await bundle('gateway')
    const serviceBindings = Object.fromEntries(bound.map(({ binding, name }) => [binding, name]))
    return { name: 'gateway', script: await readFile(built.worker.scriptPath, 'utf8'), serviceBindings }
  }

  async function ask(url: URL, method: string, path: string) {
    const response = await fetch(new URL(path, url), { method })
    const { name = '', version = '' } = (await response.json()) as { name?: string; version?: string }
    return `${response.status} ${name} ${version}`
  }

  test('one that fails is 503, which says nothing of the cause', async () => {
    const start = await neighbourhood()
    await start({ name: 'health', script: `export default { fetch() { throw new Error('s3cret') } }` })
    const { url } = await start(await gateway())
    const health = async () => (await fetch(new URL('/health', url))).headers.get('content-type')
    await expect.poll(health).toBe('application/problem+json') // once the one process knows of the other
    const response = await fetch(new URL('/health', url))
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ status: 503, detail: 'The function health cannot be reached.' })
  })

  test('one is replaced under load: no request to another is lost, and its new code answers behind the same gateway', async () => {
    const start = await neighbourhood()
    const replaced = await start({ name: 'create-product', script: says('create-product', '1') })
    const others = bound
      .filter(({ name }) => name !== 'create-product')
      .map(({ name }) => ({ name, script: says(name, '1') }))
    const { url } = await start(await gateway(), ...others)
    await expect.poll(() => ask(url, 'POST', '/products')).toBe('200 create-product 1')

    const answers = new Map<string, number>()
    let over = false
    const load = async (method: string, path: string) => {
      while (!over) {
        const answer = await ask(url, method, path)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
    }
    const loads = [
      load('GET', '/products'),
      load('GET', '/products/7'),
      load('PATCH', '/products/7'),
      load('POST', '/products/import'),
    ]
    const more = () => expect.poll(() => answers.get('200 get-product 1') ?? 0)
    await more().toBeGreaterThan(50)
    await replaced.replace({ name: 'create-product', script: says('create-product', '2') })
    await expect.poll(() => ask(url, 'POST', '/products')).toBe('200 create-product 2')
    await more().toBeGreaterThan((answers.get('200 get-product 1') ?? 0) + 50)
    over = true
    await Promise.all(loads)
    const expected = ['change-product', 'get-product', 'import-products', 'list-products'].map(
      (name) => `200 ${name} 1`,
    )
    expect([...answers.keys()].toSorted()).toEqual(expected)
  })
})
