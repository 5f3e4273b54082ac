import { randomUUID } from 'node:crypto'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { insertEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import type { Sql } from '../database.ts'
import { forgetAcknowledged, waitForAcknowledgement } from './acknowledged.ts'
import { next } from './statements.ts'

const { sql } = stage()

beforeEach(async () => {
  await sql`truncate outbox, outbox_dead, outbox_held, outbox_acknowledged`
})

const pending = async () => {
  const [eventId = ''] = await insertEvents(sql, 1)
  await sql`update outbox set awaited = true where event_id = ${eventId}`
  return eventId
}
const LONG = 120_000 // ms that no machine takes to see what is there

/** As a publisher does it. */
async function acknowledge(eventId: string) {
  const [{ id } = {}] = await sql`select id from outbox where event_id = ${eventId}`
  await next(sql, { token: null, acknowledged: [Number(id)], limit: 0 })
}
/** How long it took, in ms, and what it gave. */
const timed = async (...[database, eventId, ms]: Parameters<typeof waitForAcknowledgement>) => {
  const began = performance.now()
  return { acknowledged: await waitForAcknowledgement(database, eventId, ms), ms: performance.now() - began }
}
function stopTheClock() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
}
/** The database, telling how often it was asked. */
const counted = () => {
  let asked = 0
  const database: Sql = new Proxy(sql, {
    apply: (target, _this, statement: Parameters<Sql>) => {
      asked++
      return target(...statement)
    },
  })
  return { database, asked: () => asked }
}

test('an event is acknowledged when Kafka has it, and no sooner', async () => {
  const eventId = await pending()
  await pending() // another, that stays
  const { database, asked } = counted()
  const waiting = timed(database, eventId, LONG)
  await expect.poll(asked).toBeGreaterThan(3)
  await acknowledge(eventId)
  const { acknowledged, ms } = await waiting
  expect(acknowledged).toBe(true)
  expect(ms).toBeLessThan(LONG)
})

test('an event that somebody has deleted, or that Kafka refuses for good, is not, and is not waited for any longer', async () => {
  const eventId = await pending()
  await sql`delete from outbox`
  const { acknowledged, ms } = await timed(sql, eventId, LONG)
  expect(acknowledged).toBe(false)
  expect(ms).toBeLessThan(LONG)
})

test('while it is pending the time is waited out, with few questions', async () => {
  stopTheClock()
  const database = vi.fn(async () => [{ state: 'pending' }]) // in no time: the real one is asked above
  const waiting = timed(database as unknown as Sql, randomUUID(), 3_000)
  await vi.advanceTimersByTimeAsync(4_500)
  expect(await waiting).toEqual({ acknowledged: false, ms: 3_000 })
  expect(database.mock.calls.length).toBeGreaterThan(5)
  expect(database.mock.calls.length).toBeLessThanOrEqual(19)
})

test('a database that is silent, or fails, is no reason to fail or to wait for longer', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => logged.mockRestore())
  stopTheClock()
  const silent = (() => new Promise(() => {})) as unknown as Sql
  const waiting = timed(silent, randomUUID(), 100)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await waiting).toEqual({ acknowledged: false, ms: 600 })

  const failing = (() => Promise.reject(new Error('gone'))) as unknown as Sql
  const failed = timed(failing, randomUUID(), 10_000)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await failed).toEqual({ acknowledged: false, ms: 20 })
  expect(logged).toHaveBeenCalledOnce()
})

test('what was acknowledged is forgotten after 24 h, and not before', async () => {
  const [old, young] = [await pending(), await pending()]
  for (const eventId of [old, young]) await acknowledge(eventId)
  await sql`update outbox_acknowledged set acknowledged_at = now() - interval '24 hours 1 s' where event_id = ${old}`
  await sql`update outbox_acknowledged set acknowledged_at = now() - interval '23 hours 59 minutes' where event_id = ${young}`
  await forgetAcknowledged(sql, 1)
  expect(await sql`select event_id from outbox_acknowledged`).toEqual([{ event_id: young }])
})
