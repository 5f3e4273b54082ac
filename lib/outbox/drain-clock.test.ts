// What a publisher does with its time, on a clock that only the tests and its own pauses turn on.

import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { startKafkaProxy } from '../../local/rig/kafka-proxy/proxy.ts'
import { clusterOf } from '../../local/rig/topics.ts'
import { virtualClock } from '../../local/rig/clock.ts'
import { atStatement, emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { drain } from './drain.ts'
import { newIsolate } from './isolate.ts'

const { sql, kafka, bootstrapServers, records } = stage()

const logged = vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeEach(() => emptyOutbox(sql))

const insert = (count = 1, options = {}) => insertEvents(sql, count, options)
const pending = () => pendingEvents(sql)
const seen = (ids: string[]) => records().flatMap(({ headers: { ce_id = '' } }) => (ids.includes(ce_id) ? [ce_id] : []))
const isFree = () => sql`select expires_at < now() as free from outbox_lease`

test('who asks an idle publisher whose time is over is not forgotten', ANEW_IF_BUSY, async () => {
  const isolate = newIsolate()
  const clock = virtualClock()
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
      void drain(sql, kafka, isolate, clock)
      folded = isolate.aliveAt === before
    }
    return rows
  })
  await drain(watched, kafka, isolate, clock)
  expect(folded).toBe(true)
  expect(await pending()).toBe(0)
})

test(
  'after 15 s it leaves everything to a younger one, also to one that has found the lease taken',
  ANEW_IF_BUSY,
  async () => {
    const isolate = newIsolate()
    const clock = virtualClock()
    const looked = Promise.withResolvers<void>()
    let younger: Promise<unknown> | undefined
    let old: Promise<unknown> | undefined
    const pause = async (ms: number) => {
      await old // which hands over while the younger one is idle
      await clock.pause(ms)
    }
    const youngers = atStatement(sql, async (_n, run) => {
      const rows = await run()
      looked.resolve()
      return rows
    })
    const olds = atStatement(sql, async (_n, run) => {
      const rows = await run()
      if (!younger) clock.pass(1_000)
      await insert() // it never comes to an end by itself
      const [lease] = await sql`select expires_at > now() as held from outbox_lease`
      if (isolate.aliveAt === 0 && lease?.held && !younger) {
        younger = drain(youngers, kafka, isolate, { ...clock, pause })
        await looked.promise
      }
      return rows
    })
    await insert()
    old = drain(olds, kafka, isolate, clock)
    await old
    expect(younger).toBeDefined()
    await younger
    expect(await pending()).toBe(0)
  },
)

test('what was acknowledged before its time for the batch was over is not sent again', ANEW_IF_BUSY, async () => {
  const clock = virtualClock()
  const ids = await insert(2, { size: 700_000, keys: 1 }) // two record batches
  const late = { ...clock, now: () => clock.now() + (seen(ids).length ? 3_001 : 0) } // no send starts any more when the first has arrived
  let first: unknown
  const watched = atStatement(sql, async (n, run) => {
    if (n === 2) first = await sql`select event_id from outbox`
    return run()
  })
  await drain(watched, kafka, newIsolate(), late)
  await expect.poll(() => seen(ids)).toEqual(ids)
  expect(first).toHaveLength(2)
  expect(await pending()).toBe(0)
})

test(
  'from 18 s on it goes on only with what came while it had the lease, and from 23 s on begins nothing more, though events go on coming',
  ANEW_IF_BUSY,
  async () => {
    const clock = virtualClock()
    const busy = atStatement(sql, async (_n, run) => {
      const rows = await run()
      clock.pass(2_500)
      await insert()
      return rows
    })
    await insert()
    await drain(busy, kafka, newIsolate(), clock)
    expect(clock.elapsed()).toBeGreaterThan(23_000)
    expect(clock.elapsed()).toBeLessThan(31_000)
    expect(await isFree()).toEqual([{ free: true }])
  },
)

test(
  'a publisher whose time is over publishes an event whose own publisher found the lease taken',
  ANEW_IF_BUSY,
  async () => {
    const clock = virtualClock()
    let late: string[] = []
    const old = atStatement(sql, async (n, run) => {
      if (n === 2) {
        clock.pass(19_000)
        await sql`update outbox_lease set expires_at = now() + interval '1 hour'` // the clock of the database goes on
        late = await insert()
        await drain(sql, kafka, newIsolate()) // finds the lease taken, and leaves
        expect(await pending()).toBe(2)
      }
      return run()
    })
    await insert()
    await drain(old, kafka, newIsolate(), clock)
    expect(await pending()).toBe(0)
    await expect.poll(() => seen(late)).toEqual(late)
    expect(await isFree()).toEqual([{ free: true }])
  },
)

test('it ends in good order before it has made as many statements as it may', ANEW_IF_BUSY, async () => {
  let statements = 0
  const isolate = newIsolate()
  const clock = virtualClock() // or its time would be over first on a slow machine
  const endless = atStatement(sql, async (n, run) => {
    statements = n
    const rows = await run()
    await insert()
    isolate.wanted = true
    return rows
  })
  await insert()
  await drain(endless, { ...kafka, OUTBOX_MAX_STATEMENTS: 20 }, isolate, clock)
  expect(statements).toBeGreaterThan(15)
  expect(statements).toBeLessThanOrEqual(20)
  expect(isolate.aliveAt).toBe(0)
  expect(await isFree()).toEqual([{ free: true }])
})

test(
  'a publisher that stands still past its lease sends nothing more, and takes nothing from the next',
  ANEW_IF_BUSY,
  async () => {
    const clock = virtualClock()
    const ids = await insert(7)
    const stalling = atStatement(sql, async (n, run) => {
      const rows = await run()
      if (n > 1) return rows
      clock.pass(6_000)
      await sql`update outbox_lease set expires_at = now() - interval '1 ms'`
      ids.push(...(await insert(7))) // of the same keys
      await drain(sql, kafka, newIsolate())
      ids.push(...(await insert()))
      await sql`update outbox_lease set token = token + 1, expires_at = now() + interval '1 hour'` // someone else's by now
      return rows
    })
    await drain(stalling, kafka, newIsolate(), clock)
    await expect.poll(() => new Set(seen(ids))).toEqual(new Set(ids.slice(0, 14)))
    expect(seen(ids)).toHaveLength(14)
    expect(await sql`select event_id from outbox`).toEqual([{ event_id: ids[14] }])
    expect(await sql`select failures, expires_at > now() as held from outbox_lease`).toEqual([
      { failures: 0, held: true },
    ])
  },
)

test(
  'clocks that differ by hours from one another and from that of the database change nothing',
  ANEW_IF_BUSY,
  async () => {
    const isolates = [-26, -1, 1, 26].map((hours) => ({
      clock: virtualClock(Date.now() + hours * 3_600_000),
      isolate: newIsolate(),
    }))
    const ids: string[] = []
    const drains: Promise<unknown>[] = []
    for (let burst = 0; burst < 20; burst++) {
      ids.push(...(await insert(10)))
      drains.push(...isolates.map(({ isolate, clock }) => drain(sql, kafka, isolate, clock)))
    }
    await Promise.all(drains)
    await drain(sql, kafka, newIsolate())
    expect(await pending()).toBe(0)
    await expect.poll(() => new Set(seen(ids)).size).toBe(200)
    expect(seen(ids)).toHaveLength(200)
    for (const events of Map.groupBy(records(), ({ key }) => key).values()) {
      const order = events.map(({ headers }) => ids.indexOf(headers.ce_id ?? '')).filter((at) => at >= 0)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
  },
)

test.each([-26, 26])(
  'an isolate whose clock is wrong by %i h leaves Kafka alone no longer than the backoff',
  ANEW_IF_BUSY,
  async (hours) => {
    await using broker = await startUnkindBroker('hanging up')
    await insert()
    const clock = virtualClock(Date.now() + hours * 3_600_000)
    const isolate = newIsolate()
    await drain(sql, { ...kafka, KAFKA_BOOTSTRAP_SERVERS: [broker.address] }, isolate, clock)
    expect(isolate.backoffUntil).toBe(clock.now() + 1_000)

    await sql`update outbox_lease set retry_at = now() + interval '1 hour'`
    const other = newIsolate()
    await drain(sql, kafka, other, clock)
    expect(other.backoffUntil).toBeGreaterThan(clock.now())
    expect(other.backoffUntil).toBeLessThanOrEqual(clock.now() + 3_600_000)
  },
)

test(
  'an isolate that cannot reach Kafka leaves it alone for 1 s, doubling to 30 s, and for 1 s again after a success',
  ANEW_IF_BUSY,
  async () => {
    await using broker = await startUnkindBroker('hanging up')
    await insert()
    const clock = virtualClock()
    const isolate = newIsolate()
    const backoffs: number[] = []
    for (let i = 0; i < 7; i++) {
      await drain(sql, { ...kafka, KAFKA_BOOTSTRAP_SERVERS: [broker.address] }, isolate, clock)
      backoffs.push(isolate.backoffUntil - clock.now())
      clock.pass(30_000)
    }
    expect(backoffs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(await sql`select failures, retry_at > now() as backoff from outbox_lease`).toEqual([
      { failures: 1, backoff: false },
    ])
    await drain(sql, kafka, isolate, clock)
    expect(isolate.failures).toBe(0)
  },
)

test('a publisher of this isolate that has been silent for 10 s counts as dead', ANEW_IF_BUSY, async () => {
  await insert()
  const clock = virtualClock()
  const isolate = { ...newIsolate(), aliveAt: clock.now() }
  clock.pass(9_999)
  await drain(sql, kafka, isolate, clock)
  expect(await pending()).toBe(1)
  clock.pass(1)
  await drain(sql, kafka, isolate, clock)
  expect(await pending()).toBe(0)
})

test('a statement that fails once is repeated: others of the isolate count on it', ANEW_IF_BUSY, async () => {
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

test(
  'a database that fails after a good send is no failure of Kafka: nobody leaves that alone',
  ANEW_IF_BUSY,
  async () => {
    const [id = ''] = await insert()
    const isolate = newIsolate()
    logged.mockClear()
    const failing = atStatement(sql, (n, run) => {
      if (n > 1 && n <= 4) throw new Error('The connection broke')
      return run()
    })
    await drain(failing, kafka, isolate)
    await expect.poll(() => seen([id])).toEqual([id])
    expect(isolate).toMatchObject({ backoffUntil: 0, failures: 0 })
    expect(await sql`select failures, last_error, retry_at > now() as backoff from outbox_lease`).toEqual([
      { failures: 0, last_error: null, backoff: false },
    ])
    expect(String(logged.mock.calls)).toContain('the outbox could not be read')
  },
)

test(
  'while others go on committing it looks each 100 ms at most, so that what comes in that time makes one batch',
  ANEW_IF_BUSY,
  async () => {
    const isolate = newIsolate()
    const clock = virtualClock()
    const looks: number[] = []
    const busy = atStatement(sql, async (n, run) => {
      looks.push(clock.now())
      const rows = await run()
      if (n > 10) return rows
      await insert()
      isolate.wanted = true
      return rows
    })
    await insert()
    await drain(busy, kafka, isolate, clock)
    expect(looks.slice(1, 11).map((at, i) => at - (looks[i] ?? 0))).toEqual(Array.from({ length: 10 }, () => 100))
    expect(await pending()).toBe(0)
  },
)

test('an idle publisher keeps its connection for the next event', ANEW_IF_BUSY, async () => {
  const proxy = await startKafkaProxy(await clusterOf(bootstrapServers))
  onTestFinished(() => proxy.close())
  const isolate = newIsolate()
  const clock = virtualClock()
  let second: string[] = []
  let connections = 0
  const watched = atStatement(sql, async (n, run) => {
    const rows = await run()
    if (n !== 3) return rows
    connections = proxy.accepted()
    second = await insert()
    queueMicrotask(() => void drain(sql, kafka, isolate, clock)) // while it is idle
    return rows
  })
  await insert()
  await drain(watched, { ...kafka, KAFKA_BOOTSTRAP_SERVERS: proxy.addresses }, isolate, clock)
  expect(await pending()).toBe(0)
  await expect.poll(() => seen(second)).toEqual(second)
  expect(connections).toBeGreaterThan(0)
  expect(proxy.accepted()).toBe(connections)
})

test('an idle publisher ends after 100 ms', ANEW_IF_BUSY, async () => {
  const clock = virtualClock()
  await insert()
  await drain(sql, kafka, newIsolate(), clock)
  expect(clock.elapsed()).toBe(100)
})

test(
  'it waits for what is held back for no longer than 2 s, and so publishes it without a timer',
  ANEW_IF_BUSY,
  async () => {
    const clock = virtualClock()
    const ids = await insert(3)
    await sql`insert into outbox_held values ('product.created', 1, now() + interval '1 s', 'NOT_ENOUGH_REPLICAS')`
    await sql`update outbox_held set target = ${kafka.PRODUCTS_TOPIC}`
    await sql`update outbox set target = ${kafka.PRODUCTS_TOPIC}`
    const real = { now: clock.now, pause: (ms: number) => Promise.all([clock.pause(ms), wait(ms)]) } // the hold is on the database's clock
    await drain(sql, kafka, newIsolate(), real)
    expect(await pending()).toBe(0)
    await expect.poll(() => seen(ids).length).toBe(3)
  },
)
