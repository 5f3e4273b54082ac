// The alarm in workerd, set by hand: when it comes, what it does then, and when it comes again.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { lastingPort } from '../../local/machine/ports.ts'
import { startCountingProxy } from '../../local/rig/counting-proxy.ts'
import { type Bundle, bundle, startKillableWorker } from '../../local/rig/killable-worker.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { forward } from '../../local/rig/tcp.ts'

const { env, sql, records } = stage()
const port = await lastingPort()
const kafka = () => forward(port, env.KAFKA_BOOTSTRAP_SERVERS.split(',')[0])
const State = z.object({ looks: z.number(), next: z.number().nullish() })

let built: Bundle
let folder: string
let proxy: Awaited<ReturnType<typeof startCountingProxy>>
let worker: Awaited<ReturnType<typeof start>>

const start = (more: Record<string, string> = {}) => {
  const own = { NEON_PROXY_URL: proxy.url, KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}` }
  return startKillableWorker(built, { ...env, ...own, ...more }, {}, folder)
}
beforeAll(async () => {
  built = await bundle('relay-events', 'local/rig/observed-alarm.ts')
  folder = await mkdtemp(join(tmpdir(), 'alarm-'))
  proxy = await startCountingProxy(env.NEON_PROXY_URL)
  worker = await start()
})
afterAll(async () => {
  await worker.kill()
  await proxy[Symbol.asyncDispose]()
  await built[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, maxRetries: 5 })
})
beforeEach(() => emptyOutbox(sql))

/** An object of its own for each test, which looks no more when that is over. */
function openAlarm() {
  const name = crypto.randomUUID()
  const ask = async (query = '') => State.parse(await (await fetch(`${worker.url}${name}${query}`)).json())
  onTestFinished(async () => void (await ask('?rest')))
  return {
    arm: (ms: number) => ask(`?arm=${ms}`),
    /** ms until it comes, null where it does not, or undefined while it looks. */
    next: async () => {
      const { next } = await ask()
      return next ? next - Date.now() : next
    },
    /** Has it look now, and waits for its end. */
    async look() {
      const { looks } = await ask()
      await ask('?arm=0')
      await expect.poll(async () => (await ask()).looks).toBeGreaterThan(looks)
    },
  }
}

test('with an empty outbox it looks once, and then nothing asks the database any more', async () => {
  await using _broker = await kafka()
  const alarm = openAlarm()
  const before = proxy.statements()
  await alarm.look()
  expect(proxy.statements()).toBeGreaterThan(before)
  expect(await alarm.next()).toBeNull()
  const last = proxy.statements()
  await worker.kill()
  worker = await start() // nor does a new machine
  expect(await alarm.next()).toBeNull()
  expect(proxy.statements()).toBe(last)
})

test('an earlier moment is not put off by a later one, and that one is kept', async () => {
  const alarm = openAlarm()
  await alarm.arm(600_000)
  await alarm.arm(300_000)
  for (let isolate = 0; isolate < 20; isolate++) await alarm.arm(400_000 + isolate)
  expect(await alarm.next()).toBeLessThanOrEqual(300_000)
  await alarm.look() // finds nothing, but whoever has asked for the latest moment may write until then
  expect(await alarm.next()).toBeGreaterThan(400_100)
})

test('it publishes what is left, and outlives its machine', async () => {
  await using _broker = await kafka()
  const alarm = openAlarm()
  const [id] = await insertEvents(sql, 1)
  await alarm.arm(1_000)
  await worker.kill()
  worker = await start()
  await expect.poll(async () => (await alarm.next()) ?? records().map(({ headers }) => headers.ce_id)).toContain(id)
  await expect.poll(alarm.next).toBeNull()
})

test('while Kafka is away it comes again by itself, and publishes when it is back', async () => {
  await worker.kill()
  worker = await start() // one that knows no broker's own address yet
  const alarm = openAlarm()
  const [id] = await insertEvents(sql, 1)
  await alarm.look()
  expect(await pendingEvents(sql)).toBe(1)
  expect(await alarm.next()).not.toBeNull()
  await using _broker = await kafka()
  await expect.poll(() => records().map(({ headers }) => headers.ce_id)).toContain(id)
  await expect.poll(() => pendingEvents(sql)).toBe(0)
  await expect.poll(alarm.next).toBeNull()
})

test('a Kafka that has been away for long is looked for each 30 s, and the database is left alone meanwhile', async () => {
  await worker.kill()
  worker = await start()
  const alarm = openAlarm()
  await insertEvents(sql, 1)
  await sql`update outbox_lease set failures = 10, failed_by = 'another'`
  await alarm.look()
  const last = proxy.statements()
  const next = await alarm.next()
  expect(next).toBeGreaterThan(5_000)
  expect(next).toBeLessThanOrEqual(30_000)
  expect(proxy.statements()).toBe(last)
})

test('what is held is looked for when it can be tried again, and not before', async () => {
  await using _broker = await kafka()
  const alarm = openAlarm()
  await insertEvents(sql, 1)
  await sql`
    insert into outbox_held (target, failures, retry_at, last_error)
    values (${env.PRODUCTS_TOPIC}, 5, now() + interval '600 s', 'NOT_ENOUGH_REPLICAS')`
  await sql`update outbox set target = ${env.PRODUCTS_TOPIC}`
  await alarm.look()
  const next = await alarm.next()
  expect(next).toBeGreaterThan(400_000)
  expect(next).toBeLessThanOrEqual(600_000)
})

test('while the database is away it asks ever less often, and never gives up', async () => {
  const alarm = openAlarm()
  proxy.goAway(true)
  for (const least of [0, 30_000, 60_000, 120_000, 240_000, 480_000, 480_000, 480_000]) {
    await alarm.look()
    expect(await alarm.next()).toBeGreaterThan(least)
    expect(await alarm.next()).toBeLessThanOrEqual(900_000)
  }
  expect(worker.output()).toContain('the relay failed')
  proxy.goAway(false)
  await alarm.look()
  expect(await alarm.next()).toBeNull()
})

test('where it may forget no more at once, it comes back for the rest', async () => {
  await worker.kill()
  worker = await start({ OUTBOX_MAX_STATEMENTS: '10' }) // one of them for each table
  const alarm = openAlarm()
  await sql`
    insert into outbox_acknowledged (event_id, acknowledged_at)
    select gen_random_uuid(), now() - interval '25 hours' from generate_series(1, 15000)`
  const old = async () => Number((await sql`select count(*) from outbox_acknowledged`)[0]?.count)
  await alarm.look()
  expect(await old()).toBe(5_000)
  expect(await alarm.next()).toBeGreaterThan(0)
  await alarm.look()
  expect(await old()).toBe(0)
  expect(await alarm.next()).toBeNull()
})
