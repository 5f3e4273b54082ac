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
