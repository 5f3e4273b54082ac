import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test, vi } from 'vitest'
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
  const waiting = timed(database, eventId, 10_000)
  await expect.poll(asked).toBeGreaterThan(3)
  await acknowledge(eventId)
  const { acknowledged, ms } = await waiting
  expect(acknowledged).toBe(true)
  expect(ms).toBeLessThan(5_000)
})

test('an event that somebody has deleted, or that Kafka refuses for good, is not, and is not waited for any longer', async () => {
  const eventId = await pending()
  await sql`delete from outbox`
  const { acknowledged, ms } = await timed(sql, eventId, 10_000)
  expect(acknowledged).toBe(false)
  expect(ms).toBeLessThan(5_000)
})

test('while it is pending the time is waited out, with few questions', async () => {
  const eventId = await pending()
  const { database, asked } = counted()
  const { acknowledged, ms } = await timed(database, eventId, 3_000)
  expect(acknowledged).toBe(false)
  expect(ms).toBeGreaterThanOrEqual(2_990)
  expect(ms).toBeLessThan(4_500)
  expect(asked()).toBeGreaterThan(5)
  expect(asked()).toBeLessThanOrEqual(19)
})

test('a database that is silent, or fails, is no reason to fail or to wait for longer', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  const silent = (() => new Promise(() => {})) as unknown as Sql
  const { acknowledged, ms } = await timed(silent, randomUUID(), 100)
  expect(acknowledged).toBe(false)
  expect(ms).toBeLessThan(5_000)

  const failing = (() => Promise.reject(new Error('gone'))) as unknown as Sql
  expect(await waitForAcknowledgement(failing, randomUUID(), 10_000)).toBe(false)
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
