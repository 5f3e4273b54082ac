// What a publisher does with its time, on a clock that the tests turn on.

import { beforeEach, expect, test, vi } from 'vitest'
import { atStatement, emptyOutbox, insertEvents, pendingEvents } from '../../local/test/outbox.ts'
import { stage } from '../../local/test/stage.ts'
import { startUnkindBroker } from '../../local/test/unkind-broker.ts'
import { drain, newIsolate } from './drain.ts'

const { sql, kafka, records, topic } = stage()

vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeEach(() => emptyOutbox(sql))

const insert = (count = 1) => insertEvents(sql, topic, count)
const pending = () => pendingEvents(sql)
function newClock() {
  let ahead = 0
  return { now: () => Date.now() + ahead, pass: (ms: number) => (ahead += ms), ahead: () => ahead }
}

test('a poke that wakes an idle publisher whose time is over is not lost', async () => {
  const isolate = newIsolate()
  const clock = newClock()
  let folded = false
  const watched = atStatement(sql, async (n, run) => {
    const rows = await run()
    if (n < 3) clock.pass(7_000)
    if (n === 3) {
      await insert()
      clock.pass(2_000)
    }
    if (n <= 3) {
      const before = isolate.aliveAt
      void drain(sql, kafka, isolate, clock.now)
      folded = isolate.aliveAt === before
    }
    return rows
  })
  await drain(watched, kafka, isolate, clock.now)
  expect(folded).toBe(true)
  expect(await pending()).toBe(0)
})

test('after 15 s it leaves everything to a younger one, also to one that has found the lease taken', async () => {
  const isolate = newIsolate()
  const clock = newClock()
  const looked = Promise.withResolvers<void>()
  let younger: Promise<void> | undefined
  const youngers = atStatement(sql, async (_n, run) => {
    const rows = await run()
    looked.resolve()
    return rows
  })
  const old = atStatement(sql, async (_n, run) => {
    const rows = await run()
    if (!younger) clock.pass(1_000)
    await insert() // it never comes to an end by itself
    const [lease] = await sql`select expires_at > now() as held from outbox_lease`
    if (isolate.aliveAt === 0 && lease?.held && !younger) {
      younger = drain(youngers, kafka, isolate, clock.now)
      await looked.promise
    }
    return rows
  })
  await insert()
  await drain(old, kafka, isolate, clock.now)
  expect(younger).toBeDefined()
  await younger
  expect(await pending()).toBe(0)
})

test('what was acknowledged before a failure is not sent again', async () => {
  const clock = newClock()
  const slow = atStatement(sql, async (n, run) => {
    const rows = await run()
    if (n === 2) clock.pass(4_000) // while the refused event is set aside: the lease might end before the next send
    return rows
  })
  const [first = ''] = await insert()
  await insertEvents(sql, topic, 1, { size: 2_000_000 })
  const [last = ''] = await insert()
  await drain(slow, kafka, newIsolate(), clock.now)
  expect(await sql`select event_id from outbox`).toEqual([{ event_id: last }])
  await expect.poll(() => records().some(({ headers }) => headers.ce_id === first)).toBe(true)
})

test('after 18 s it begins nothing more, though events go on coming, and leaves the lease free', async () => {
  const clock = newClock()
  const busy = atStatement(sql, async (_n, run) => {
    const rows = await run()
    clock.pass(2_500)
    if (clock.ahead() < 60_000) await insert()
    return rows
  })
  await insert()
  await drain(busy, kafka, newIsolate(), clock.now)
  expect(clock.ahead()).toBeGreaterThan(18_000)
  expect(clock.ahead()).toBeLessThan(25_000)
  expect(await sql`select expires_at < now() as free from outbox_lease`).toEqual([{ free: true }])
})

test('a publisher that stands still past its lease sends nothing more, and takes nothing from the next', async () => {
  const clock = newClock()
  const stalling = atStatement(sql, async (n, run) => {
    const rows = await run()
    if (n > 1) return rows
    clock.pass(6_000)
    await sql`update outbox_lease set expires_at = now() - interval '1 ms'`
    ids.push(...(await insert(7))) // of the same keys
    await drain(sql, kafka, newIsolate())
    ids.push(...(await insert()))
    await sql`update outbox_lease set token = token + 1, expires_at = now() + interval '5 s'` // someone else's by now
    return rows
  })
  const ids = await insert(7)
  await drain(stalling, kafka, newIsolate(), clock.now)
  const seen = () => records().flatMap(({ headers }) => (ids.includes(headers.ce_id ?? '') ? [headers.ce_id] : []))
  await expect.poll(() => new Set(seen())).toEqual(new Set(ids.slice(0, 14)))
  expect(seen()).toHaveLength(14)
  expect(await sql`select event_id from outbox`).toEqual([{ event_id: ids[14] }])
  expect(await sql`select failures, expires_at > now() as held from outbox_lease`).toEqual([{ failures: 0, held: true }])
})

test('clocks that differ by hours from one another and from that of the database change nothing', async () => {
  const clocks = [-26, -1, 1, 26].map((hours) => () => Date.now() + hours * 3_600_000)
  const isolates = clocks.map((now) => ({ now, isolate: newIsolate() }))
  const ids: string[] = []
  const drains: Promise<void>[] = []
  for (let burst = 0; burst < 20; burst++) {
    ids.push(...(await insert(10)))
    drains.push(...isolates.map(({ isolate, now }) => drain(sql, kafka, isolate, now)))
  }
  await Promise.all(drains)
  expect(await pending()).toBe(0)
  const seen = () =>
    records().flatMap(({ key, headers }) => (ids.includes(headers.ce_id ?? '') ? [{ key, at: ids.indexOf(headers.ce_id ?? '') }] : []))
  await expect.poll(() => seen().length).toBeGreaterThanOrEqual(200)
  expect(seen()).toHaveLength(200)
  for (const events of Map.groupBy(seen(), ({ key }) => key).values()) expect(events).toEqual(events.toSorted((a, b) => a.at - b.at))
})

test.each([-26, 26])('an isolate whose clock is wrong by %i h leaves Kafka alone no longer than the backoff', async (hours) => {
  await using broker = await startUnkindBroker('hanging up')
  await insert()
  const now = () => Date.now() + hours * 3_600_000
  const began = now()
  const isolate = newIsolate()
  await drain(sql, { KAFKA_BOOTSTRAP_SERVERS: [broker.address] }, isolate, now)
  expect(isolate.backoffUntil).toBeGreaterThan(began)
  expect(isolate.backoffUntil).toBeLessThanOrEqual(now() + 1_000)

  await sql`update outbox_lease set retry_at = now() + interval '2 s'`
  const other = newIsolate()
  await drain(sql, kafka, other, now)
  expect(other.backoffUntil).toBeGreaterThan(began)
  expect(other.backoffUntil).toBeLessThanOrEqual(now() + 2_000)
})

test('a publisher of this isolate that has been silent for 10 s counts as dead', async () => {
  await insert()
  const clock = newClock()
  const isolate = { ...newIsolate(), aliveAt: clock.now() }
  clock.pass(9_900)
  await drain(sql, kafka, isolate, clock.now)
  expect(await pending()).toBe(1)
  clock.pass(200)
  await drain(sql, kafka, isolate, clock.now)
  expect(await pending()).toBe(0)
})

test('a statement that fails once is repeated: the pokes of others were folded into it', async () => {
  const isolate = newIsolate()
  const flaky = atStatement(sql, async (n, run) => {
    if (n !== 1) return run()
    await insert()
    await drain(sql, kafka, isolate) // folded
    throw new Error('The connection broke')
  })
  await drain(flaky, kafka, isolate)
  expect(await pending()).toBe(0)
})

test('while others go on committing it looks each 25 ms at most, so that what comes in that time makes one batch', async () => {
  const isolate = newIsolate()
  const looks: number[] = []
  const busy = atStatement(sql, async (n, run) => {
    looks.push(Date.now())
    const rows = await run()
    if (n > 10) return rows
    await insert()
    isolate.poked = true
    return rows
  })
  await insert()
  await drain(busy, kafka, isolate)
  const gaps = looks.slice(1, 11).map((at, i) => at - (looks[i] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20)
  expect(await pending()).toBe(0)
})

test('an idle publisher keeps its connection for the next event', async () => {
  const isolate = newIsolate()
  let second: string[] = []
  const watched = atStatement(sql, async (n, run) => {
    const rows = await run()
    if (n === 3) {
      setTimeout(async () => {
        second = await insert()
        await drain(sql, kafka, isolate)
      }, 20)
    }
    return rows
  })
  await insert()
  await drain(watched, kafka, isolate)
  expect(second).toHaveLength(1) // it was there when the drain ended, so it came while the drain lingered
  await expect.poll(() => records().filter(({ headers }) => second.includes(headers.ce_id ?? '')).length).toBe(1)
})

test('after a failure the isolate knows the backoff to its end', async () => {
  await using silent = await startUnkindBroker('silent')
  await insert()
  const isolate = newIsolate()
  await drain(sql, { KAFKA_BOOTSTRAP_SERVERS: [silent.address] }, isolate)
  const [lease] = await sql`select extract(epoch from retry_at)::float8 * 1000 as until from outbox_lease`
  expect(isolate.backoffUntil).toBeGreaterThan(Number(lease?.until) - 500)
})
