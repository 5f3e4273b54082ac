// What each statement does. Each test is one transaction, in which time stands still: no lease or backoff of it ends
// because the machine is slow.

import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { openConnection } from '../../local/rig/connection.ts'
import { emptyOutbox, insertEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import type { Sql } from '../database.ts'
import { type Aside, giveUp, next, putAside, putBack } from './statements.ts'

const { env, sql: committing } = stage()
const limit = 500
const nothing = { token: null, acknowledged: [], limit }
const nobody = { batch: null, held: [], backoff: null }

let sql: Sql

beforeEach(async () => {
  await emptyOutbox(committing)
  await insertEvents(committing, 1)
  const connection = await openConnection(env.DATABASE_URL)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  await connection.query('begin')
  sql = connection.sql
})

async function take(database = sql) {
  const { batch } = await next(database, nothing)
  if (!batch) throw new Error('There is no batch')
  return { ...batch, ids: batch.events.map(({ id }) => id) }
}
const lookAgain = (database = sql) => next(database, nothing)

test('the one who takes the lease gets the events, and nobody else does', async () => {
  const [first = ''] = await insertEvents(sql, 1, { type: 'product.updated' })
  const [{ ms } = {}] =
    await sql`select floor(extract(epoch from created_at) * 1000)::float8 as ms from outbox order by id desc limit 1`
  const { events } = await take()
  expect(events[1]).toEqual({
    id: expect.any(Number),
    type: 'product.updated',
    key: '1',
    payload: '1',
    size: 1,
    headers: { ce_id: first },
    at: ms,
    target: null,
  })
  expect(await lookAgain()).toEqual(nobody)
})

test('an event of a handler of before has its type in its headers', async () => {
  await sql`update outbox set type = null, topic = 'products.created', headers = '{"ce_type":"product.deleted"}'`
  expect((await take()).events).toMatchObject([{ type: 'product.deleted' }])
})

test('the statement that finds nothing more frees the lease, and has deleted what was acknowledged', async () => {
  const { token, ids } = await take()
  expect(await next(sql, { token, acknowledged: ids, limit })).toEqual(nobody)
  expect(await sql`select id from outbox`).toEqual([])
  await insertEvents(sql, 1)
  expect((await take()).events).toHaveLength(1)
})

test('who wants no other batch frees the lease, though there is one', async () => {
  const { token } = await take()
  expect(await next(sql, { token, acknowledged: [], limit: 0 })).toEqual(nobody)
  expect((await take()).events).toHaveLength(1)
})

test('a lease that has expired goes to the next, and its former holder can neither renew nor fail it, nor put anything aside', async () => {
  const former = await take()
  await sql`update outbox_lease set expires_at = now() - interval '1 ms'`
  expect((await take()).events).toHaveLength(1)
  expect(await next(sql, { token: former.token, acknowledged: [], limit })).toEqual(nobody)
  expect(await giveUp(sql, { token: former.token, acknowledged: [], error: 'late', publisher: 'former' })).toBeNull()
  const [id = 0] = former.ids
  await putAside(sql, former.token, {
    waiting: [{ id, target: 'topic:0' }],
    failing: [{ target: 'topic:0', error: 'late', progressed: false }],
    refused: [{ id, error: 'late' }],
  })
  expect(await sql`select failures, last_error, expires_at > now() as held from outbox_lease`).toEqual([
    { failures: 0, last_error: null, held: true },
  ])
  expect(await sql`select target from outbox union all select target from outbox_held`).toEqual([{ target: null }])
})

test('who waited for the lease while another published does not get what that one has published', async () => {
  await using publisher = await openConnection(env.DATABASE_URL)
  await using waiter = await openConnection(env.DATABASE_URL)
  await publisher.query('begin')
  const { token, ids } = await take(publisher.sql)
  const waiting = lookAgain(waiter.sql)
  await expect
    .poll(
      () =>
        committing`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    .toEqual([{ count: 1 }])
  await next(publisher.sql, { token, acknowledged: ids, limit })
  await publisher.query('commit')
  expect((await waiting).batch).toBeNull()
})

test('a lease lasts 5 s from its statement: a send of 2 s that starts within 3 s is over by then', async () => {
  await take()
  expect(await sql`select extract(epoch from expires_at - now())::float8 as seconds from outbox_lease`).toEqual([
    { seconds: 5 },
  ])
})

const fail = async (publisher: string, acknowledged: number[] = []) =>
  giveUp(sql, { token: (await take()).token, acknowledged, error: 'no broker', publisher })

test('one that fails alone keeps nobody else from trying, however often it fails', async () => {
  for (let i = 0; i < 5; i++) expect(await fail('lonely')).toBeNull()
  expect((await lookAgain()).batch).not.toBeNull()
})

test('after two have failed the backoff is told to everyone, and nobody gets a batch', async () => {
  await fail('one')
  const backoff = await fail('another')
  expect(backoff).toBe(1_000)
  expect(await lookAgain()).toEqual({ ...nobody, backoff: 1_000 })
})

test('the backoff doubles from 1 s to 30 s, and a success ends it', async () => {
  const backoffs: (number | null)[] = []
  for (let i = 0; i < 8; i++) {
    await sql`update outbox_lease set retry_at = '-infinity'`
    backoffs.push(await fail(`publisher ${i}`))
  }
  expect(backoffs).toEqual([null, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  await sql`update outbox_lease set retry_at = '-infinity'`
  await next(sql, { token: (await take()).token, acknowledged: [], limit })
  expect(await sql`select failures, last_error, failed_by from outbox_lease`).toEqual([
    { failures: 0, last_error: null, failed_by: null },
  ])
})

test('what was acknowledged before a failure is deleted, and not sent again', async () => {
  const { ids, token } = await take()
  await giveUp(sql, { token, acknowledged: ids, error: 'no broker', publisher: 'me' })
  expect(await sql`select id from outbox`).toEqual([])
})

test('of what was acknowledged, that is remembered which somebody waits for', async () => {
  const [, awaited = ''] = [...(await insertEvents(sql, 1)), ...(await insertEvents(sql, 1))]
  await sql`update outbox set awaited = true where event_id = ${awaited}`
  const { ids, token } = await take()
  await next(sql, { token, acknowledged: ids, limit })
  expect(await sql`select event_id from outbox_acknowledged where event_id = ${awaited}`).toEqual([
    { event_id: awaited },
  ])
  expect(
    await sql`select count(*)::int from outbox_acknowledged where acknowledged_at > now() - interval '1 s'`,
  ).toEqual([{ count: 1 }])
})

const aside = (changes: Partial<Aside>): Aside => ({ waiting: [], failing: [], refused: [], ...changes })
const failing = (target: string, progressed = false) => ({ target, error: 'NOT_ENOUGH_REPLICAS', progressed })

test('what waits for a target is not read until that can be tried again, and then in its order, and not too much of it', async () => {
  await insertEvents(sql, 3)
  const { ids, token } = await take()
  const [first = 0, second = 0, third = 0, fourth = 0] = ids
  const waiting = [first, third].map((id) => ({ id, target: 'topic:1' }))
  await putAside(sql, token, aside({ waiting, failing: [failing('topic:1')] }))
  const others = await next(sql, { token, acknowledged: [], limit })
  expect(others.batch?.events.map(({ id }) => id)).toEqual([second, fourth])
  expect(others.held).toEqual([{ target: 'topic:1', wait: 1_000 }])

  await sql`update outbox_held set retry_at = now()`
  const all = await next(sql, { token: others.batch?.token ?? '', acknowledged: [], limit: 2 })
  expect(all.batch?.events).toMatchObject([
    { id: first, target: 'topic:1' },
    { id: second, target: null },
    { id: third, target: 'topic:1' },
    { id: fourth, target: null },
  ])
  const rest = await next(sql, { token: all.batch?.token ?? '', acknowledged: [first, second], limit: 1 })
  expect(rest.batch?.events.map(({ id }) => id)).toEqual([third, fourth])
  expect(rest.held).toEqual([{ target: 'topic:1', wait: 0 }])
  const last = await next(sql, { token: rest.batch?.token ?? '', acknowledged: [third, fourth], limit })
  expect(last.held).toEqual([]) // so nothing is told to wait for what is there no more
  expect(await sql`select target from outbox_held`).toEqual([])
})

test('a target is left alone for 1 s, doubling to 30 s, and for 1 s again when something of it was written', async () => {
  const { token } = await take()
  const seconds: unknown[] = []
  for (const progressed of [false, false, false, false, false, false, false, true, false]) {
    await putAside(sql, token, aside({ failing: [failing('topic:1', progressed)] }))
    seconds.push(...(await sql`select extract(epoch from retry_at - now())::float8 as seconds from outbox_held`))
  }
  expect(seconds).toEqual([1, 2, 4, 8, 16, 30, 30, 1, 2].map((each) => ({ seconds: each })))
})

test('a refused event is kept as it was, with the reason', async () => {
  const [before] = await sql`select id, event_id, type, key, payload, headers, created_at from outbox`
  const { ids, token } = await take()
  await putAside(sql, token, aside({ refused: ids.map((id) => ({ id, error: 'MESSAGE_TOO_LARGE' })) }))
  expect(await sql`select id, event_id, type, key, payload, headers, created_at, error from outbox_dead`).toEqual([
    { ...before, error: 'MESSAGE_TOO_LARGE' },
  ])
  expect(await sql`select id from outbox`).toEqual([])
})

test('whoever deletes a target puts its events back among the others', async () => {
  const { ids, token } = await take()
  await putAside(
    sql,
    token,
    aside({ waiting: ids.map((id) => ({ id, target: 'topic' })), failing: [failing('topic')] }),
  )
  expect((await next(sql, { token, acknowledged: [], limit })).batch).toBeNull()
  await sql`delete from outbox_held`
  expect((await take()).ids).toEqual(ids)
})

test('what waits for targets is put back, a part at a time', async () => {
  await insertEvents(sql, 10_000)
  await sql`insert into outbox_held values ('topic', 1, now() + interval '1 hour', 'error')`
  await sql`update outbox set target = 'topic'`
  const [last = ''] = await insertEvents(sql, 1)
  const { token } = await take()
  const left = () => sql`select count(*)::int from outbox where target is not null`
  expect(await putBack(sql, token, ['topic'])).toBe(false)
  expect(await left()).toEqual([{ count: 1 }])
  expect(await putBack(sql, token, ['topic'])).toBe(true)
  expect(await left()).toEqual([{ count: 0 }])
  expect(await sql`select target from outbox_held`).toEqual([])
  expect(await sql`select event_id from outbox order by id desc limit 1`).toEqual([{ event_id: last }])
})

test('payloads are read up to 4 MB at once, and one that no broker takes is not read at all', async () => {
  await emptyOutbox(sql)
  await insertEvents(sql, 3, { size: 1_999_999 })
  const { events, token, ids } = await take()
  expect(events.map(({ size }) => size)).toEqual([2_000_000, 2_000_000])
  await sql`update outbox set payload = repeat('.', 20000001) where id <> all(${ids})`
  const { batch } = await next(sql, { token, acknowledged: ids, limit })
  expect(batch?.events).toMatchObject([{ payload: null, size: 20_000_001 }])
})
