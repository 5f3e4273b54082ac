// Each function is deployed on its own. One list says which there are, and all that repeats it is held against it.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Hono } from 'hono'
import { describe, expect, test, vi } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { HANDLERS } from '../../lib/handlers.ts'
import { RATE_PERIOD } from '../../lib/http/problems.ts'
import { contractOperations } from '../../local/rig/contract.ts'
import { bundle } from '../../local/rig/killable-worker.ts'

vi.mock('cloudflare:workers', () => ({ DurableObject: class {} })) // only workerd has it
vi.mock('../../lib/contract/viewer.ts', () => ({})) // imports what only wrangler makes text

const config = 'wrangler.toml'
const EVERYTHING = {
  name: '',
  file: 'functions/index.ts',
  secrets: ['DATABASE_URL', 'KAFKA_BOOTSTRAP_SERVERS', 'API_TOKENS'],
  routes: [],
}
const GATEWAY = { name: 'gateway', file: 'functions/gateway.ts', secrets: [], routes: [] }
const WORKERS = [EVERYTHING, GATEWAY, ...HANDLERS]

/** KiB that a Worker may have, as Cloudflare counts them, compressed: what a cold start loads. */
const BUDGET: Record<string, number> = {
  '': 780,
  gateway: 65,
  'create-product': 240,
  'import-products': 250,
  'change-product': 240,
  'delete-product': 240,
  'relay-events': 215,
  'list-products': 125,
  'get-product': 125,
  health: 125,
  'describe-api': 580,
}

test('every function is an environment of wrangler.toml, and the gateway is bound to all that answer', () => {
  const { definedEnvironments = [] } = unstable_readConfig({ config })
  expect(definedEnvironments.toSorted()).toEqual(['gateway', ...HANDLERS.map(({ name }) => name)].toSorted())
  const bound = HANDLERS.filter(({ routes }) => routes.length)
  const { services } = unstable_readConfig({ config, env: 'gateway' })
  expect(services).toEqual(bound.map(({ binding, name }) => ({ binding, service: name })))
})

test('every function answers what the list says, and the contract tells of it', () => {
  const listed = HANDLERS.flatMap(({ name, routes }) => routes.map(({ method, path }) => `${name}: ${method} ${path}`))
  const told = contractOperations().map(({ method, path, operation: { tags } }) => `${tags.join()}: ${method} ${path}`)
  const toContract = (line: string) => line.replaceAll(/:(\w+)(\{.*?\})?$/g, '{$1}')
  expect(
    listed
      .filter((line) => !/\/docs\/(:file)?$/.test(line))
      .map(toContract)
      .toSorted(),
  ).toEqual(told.toSorted()) // a part of the page
})

test.each(HANDLERS)('$name has the routes of the list', async ({ name, routes }) => {
  const { default: app } = (await import(`../${name}.ts`)) as { default: Partial<Hono> }
  const own = app.routes?.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  expect(new Set(own)).toEqual(new Set(routes.map(({ method, path }) => `${method} ${path}`)))
})

describe.each(WORKERS)('`wrangler deploy --dry-run --env "$name"`', ({ name, file, secrets, routes }) => {
  test('builds a bundle of its size, with only the code that it needs', async () => {
    await using built = await bundle(name)
    const code = await readFile(built.worker.scriptPath, 'utf8')
    const publishes = secrets.includes('KAFKA_BOOTSTRAP_SERVERS')
    expect(code.includes('KafkaJSError')).toBe(publishes)
    expect(code.includes('update outbox_lease')).toBe(publishes)
    expect(code.includes('neonConfig')).toBe(secrets.includes('DATABASE_URL'))
    expect(code.includes('operationId')).toBe(name === '' || routes.some(({ path }) => path === '/openapi.json'))
    const modules = (await readdir(built.folder)).filter((module) => !/\.map$|^README/.test(module))
    const sizes = await Promise.all(
      modules.map(async (module) => gzipSync(await readFile(join(built.folder, module))).length / 1024),
    )
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(BUDGET[name] ?? 0)
  })

  test('asks for the secrets that it needs, has an address only if it is for all, and a timer only if it relays', () => {
    const {
      main = '',
      secrets: asked,
      triggers,
      observability,
      ratelimits,
      workers_dev,
      preview_urls,
    } = unstable_readConfig({ config, env: name })
    const relays = name === '' || name === 'relay-events'
    expect(main).toMatch(new RegExp(`/${file}$`))
    expect(asked?.required ?? []).toEqual(secrets)
    expect({ workers_dev, preview_urls }).toEqual({
      workers_dev: name === '' || name === 'gateway', // what has an address of its own passes by the gateway
      preview_urls: false,
    })
    for (const { simple } of ratelimits) expect(simple.period).toBe(RATE_PERIOD) // what Retry-After says
    expect(observability).toMatchObject({ enabled: true, logs: { invocation_logs: false } }) // they would hold URLs
    expect(triggers.crons).toEqual(relays ? ['0 * * * *'] : [])
  })

  test('has the class of the alarm if it relays, is bound to it if it publishes, and sets it if it writes', async () => {
    const { durable_objects, migrations } = unstable_readConfig({ config, env: name })
    const relays = name === '' || name === 'relay-events'
    const binding = { name: 'OUTBOX_ALARM', class_name: 'OutboxAlarm', ...(!relays && { script_name: 'relay-events' }) }
    const publishes = secrets.includes('KAFKA_BOOTSTRAP_SERVERS')
    expect(durable_objects.bindings).toEqual(publishes ? [binding] : [])
    expect(migrations).toEqual(relays ? [{ tag: 'v1', new_sqlite_classes: ['OutboxAlarm'] }] : [])
    const code = await readFile(join(import.meta.dirname, '../..', file), 'utf8')
    expect(code.includes('export { OutboxAlarm }')).toBe(relays)
    for (const call of ['wakeIfKilled(c)', 'drainOrWake(c.env,']) expect(code.includes(call)).toBe(publishes && !relays)
  })
})
