import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, expect, test, vi } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { openConnection } from '../../local/rig/connection.ts'
import { stage } from '../../local/rig/stage.ts'
import { atStatement, emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import type { Sql } from '../database.ts'
import { drain } from './drain.ts'
import { newIsolate } from './isolate.ts'

const { env, sql, kafka, records } = stage()

vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeEach(() => emptyOutbox(sql))

const insert = (count: number, options = {}) => insertEvents(sql, count, options)
const arrived = (ids: string[]) => records().filter(({ headers }) => ids.includes(headers.ce_id ?? ''))
const lease = async () =>
  (
    await sql`select token, failures, last_error, expires_at < now() as free, retry_at > now() as backoff from outbox_lease`
  )[0]
const pending = () => pendingEvents(sql)

/** Whether the records of each key are in the order in which their events were written. */
function inOrder(ids: string[]) {
  const last = new Map<string, number>()
  return arrived(ids).every(({ key, headers }) => {
    const at = ids.indexOf(headers.ce_id ?? '')
    const after = at > (last.get(key) ?? -1)
    last.set(key, at)
    return after
  })
}

test(
  'more events than a batch holds arrive once each, in the order of their key, and the lease is free again',
  ANEW_IF_BUSY,
  async () => {
    const ids = await insert(1_203)
    expect(await drain(sql, kafka, newIsolate())).toBeUndefined() // nothing is left
    await expect.poll(() => arrived(ids).length).toBe(1_203)
    expect(inOrder(ids)).toBe(true)
    expect(await pending()).toBe(0)
    expect(await lease()).toMatchObject({ free: true, failures: 0, last_error: null })
  },
)

test(
  "a key goes to the partition that Java's clients choose, so that all producers of a topic agree",
  ANEW_IF_BUSY,
  async () => {
    const partitions = { '21': 0, foobar: 0, 'a-little-bit-long-string': 2, 'a-little-bit-longer-string': 2, abc: 0 } // murmur2 of Kafka's UtilsTest, modulo 3
    const keys = Object.keys(partitions)
    await sql`
    insert into outbox (event_id, type, key, payload, headers)
    select gen_random_uuid(), 'product.created', key, 'partition', '{}' from unnest(${keys}::text[]) as key`
    await drain(sql, kafka, newIsolate())
    const seen = () =>
      records()
        .filter(({ value }) => value === 'partition')
        .map(({ key, partition }) => [key, partition])
    await expect.poll(() => Object.fromEntries(seen())).toEqual(partitions)
  },
)

test('four isolates at once: each event is published once, and in order', ANEW_IF_BUSY, async () => {
  const isolates = Array.from({ length: 4 }, newIsolate)
  const ids: string[] = []
  const drains: Promise<unknown>[] = []
  for (let burst = 0; burst < 20; burst++) {
    ids.push(...(await insert(30)))
    drains.push(...isolates.map((isolate) => drain(sql, kafka, isolate)))
  }
  await Promise.all(drains)
  expect(await pending()).toBe(0)
  await expect.poll(() => arrived(ids).length).toBeGreaterThanOrEqual(600)
  expect(arrived(ids).length).toBe(600)
  expect(inOrder(ids)).toBe(true)
})

test('a call while the isolate publishes is enough', ANEW_IF_BUSY, async () => {
  const isolate = newIsolate()
  const [first = ''] = await insert(1)
  const publishing = drain(sql, kafka, isolate)
  await expect.poll(() => arrived([first]).length).toBe(1) // it lingers now, or is about to
  const [second = ''] = await insert(1)
  const poked = drain(sql, kafka, isolate)
  await Promise.all([publishing, poked])
  await expect.poll(() => arrived([second]).length).toBe(1)
})

test('no event of a tiny burst is left behind, though nobody comes back for it', ANEW_IF_BUSY, async () => {
  const isolates = [newIsolate(), newIsolate()]
  const drains: Promise<unknown>[] = []
  for (let burst = 0; burst < 60; burst++) {
    const writers = Array.from({ length: 4 }, async (_, i) => {
      await wait(((burst * 7 + i * 13) % 30) + (burst % 5) * 25) // around the moments when a publisher looks, lingers and leaves
      await insert(1)
      drains.push(drain(sql, kafka, isolates[(burst + i) % 2]))
    })
    await Promise.all(writers)
    await expect.poll(pending, { interval: 5 }).toBe(0)
  }
  await Promise.all(drains)
})

test(
  'an event whose call found the lease taken by one about to free it is published by that one',
  ANEW_IF_BUSY,
  async () => {
    await insert(1)
    await using connection = await openConnection(env.DATABASE_URL)
    let statements = 0
    let late: string[] = []
    const leaving: Sql = new Proxy(sql, {
      apply: async (target, _this, statement: Parameters<Sql>) => {
        if (++statements !== 2) return target(...statement)
        await connection.query('begin')
        const rows = await connection.sql(...statement) // finds nothing and frees the lease, but nobody can see that yet
        late = await insert(1)
        await drain(sql, kafka, newIsolate())
        await connection.query('commit')
        return rows
      },
    })
    await drain(leaving, kafka, newIsolate())
    expect(late).toHaveLength(1)
    await expect.poll(() => arrived(late).length).toBe(1)
  },
)

test(
  'while Kafka is dead nothing is lost, everybody waits, and last_error says why until it works again',
  ANEW_IF_BUSY,
  async () => {
    await using dead = await startUnkindBroker('hanging up')
    const ids = await insert(3)
    const isolate = newIsolate()
    const unreachable = { ...kafka, KAFKA_BOOTSTRAP_SERVERS: [dead.address] }
    const began = Date.now()
    const again = await drain(sql, unreachable, isolate)
    expect(again).toBeGreaterThan(0)
    expect(again).toBeLessThanOrEqual(1_000)
    expect(await lease()).toMatchObject({
      failures: 1,
      last_error: expect.stringMatching(/^KafkaJS\w+: ./),
      backoff: false,
    })
    expect(await pending()).toBe(3)
    expect(isolate.backoffUntil).toBeGreaterThanOrEqual(began + 1_000) // which may be over by now
    await drain(sql, unreachable, newIsolate()) // another that cannot reach it: so it is Kafka that is away
    expect(await lease()).toMatchObject({ failures: 2 })
    expect(await sql`select retry_at > '-infinity' as told from outbox_lease`).toEqual([{ told: true }]) // it may be over by now

    await sql`update outbox_lease set retry_at = now() + interval '30 s'` // longer than the first backoff, for what follows to be in it
    const failed = await lease()

    const other = newIsolate()
    expect(await drain(sql, kafka, other)).toBeGreaterThan(1_000) // the end of everybody's backoff
    expect(await lease()).toEqual(failed) // it did not take the lease
    expect(other.backoffUntil).toBeGreaterThan(Date.now())

    await sql`update outbox_lease set retry_at = now() - interval '1 ms'`
    await drain(sql, kafka, newIsolate())
    await expect.poll(() => arrived(ids).length).toBe(3)
    expect(inOrder(ids)).toBe(true)
    expect(await lease()).toMatchObject({ failures: 0, last_error: null, backoff: false })
  },
)

test('an isolate that knows of the backoff does not even ask the database', async () => {
  const asked = vi.fn<() => never>(() => {
    throw new Error('asked')
  })
  const again = drain(asked as unknown as Sql, kafka, { ...newIsolate(), backoffUntil: Date.now() + 30_000 })
  expect(await again).toBeGreaterThan(20_000)
  expect(asked).not.toHaveBeenCalled()
})

test(
  'a publisher that dies between the acknowledgement and the delete repeats the event with the same id',
  ANEW_IF_BUSY,
  async () => {
    const ids = await insert(3)
    const dying = atStatement(sql, (n, run) => {
      if (n > 1) throw new Error('The publisher has died') // where it deletes what was acknowledged, and where it gives up
      return run()
    })
    expect(await drain(dying, kafka, newIsolate())).toBeGreaterThan(0) // it does not know what is left
    await expect.poll(() => arrived(ids).length).toBe(3)
    expect(await pending()).toBe(3)

    await sql`update outbox_lease set expires_at = now() - interval '1 ms'` // 5 s later
    await drain(sql, kafka, newIsolate())
    await expect.poll(() => arrived(ids).length).toBe(6)
    expect(new Set(arrived(ids).map(({ headers }) => headers.ce_id))).toEqual(new Set(ids))
    expect(await pending()).toBe(0)
  },
)
