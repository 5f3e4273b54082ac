import { beforeEach, expect, test } from 'vitest'
import { openConnection } from '../../local/test/connection.ts'
import { stage } from '../../local/test/stage.ts'
import { fail, hold, next } from './lease.ts'

const { env, sql } = stage()
const nothing = { token: null, acknowledged: [] }

beforeEach(async () => {
  await sql`truncate outbox`
  await sql`update outbox_lease set expires_at = '-infinity', retry_at = '-infinity', failures = 0, last_error = null`
  await sql`insert into outbox (event_id, topic, key, payload, headers) values (gen_random_uuid(), 'topic', 'key', 'payload', '{"a":"b"}')`
})

test('the one who takes the lease gets the events, and nobody else does', async () => {
  const { batch } = await next(sql, nothing)
  expect(batch?.events).toEqual([{ id: expect.any(Number), topic: 'topic', key: 'key', payload: 'payload', headers: { a: 'b' } }])
  expect(await next(sql, nothing)).toEqual({ batch: null, backoff: null })
})

test('the statement that finds nothing more frees the lease, and has deleted what was acknowledged', async () => {
  const { batch } = await next(sql, nothing)
  if (!batch) throw new Error('no batch')
  expect(await next(sql, { token: batch.token, acknowledged: batch.events.map(({ id }) => id) })).toEqual({ batch: null, backoff: null })
  expect(await sql`select id from outbox`).toEqual([])
  await sql`insert into outbox (event_id, topic, key, payload, headers) values (gen_random_uuid(), 'topic', 'key', 'second', '{}')`
  expect((await next(sql, nothing)).batch?.events).toHaveLength(1)
})

test('a lease that has expired goes to the next, and its former holder can neither renew nor fail it', async () => {
  const { batch: former } = await next(sql, nothing)
  await sql`update outbox_lease set expires_at = now() - interval '1 ms'`
  const { batch: present } = await next(sql, nothing)
  expect(present?.events).toHaveLength(1)
  if (!former) throw new Error('no batch')
  expect(await next(sql, { token: former.token, acknowledged: [] })).toEqual({ batch: null, backoff: null })
  expect(await fail(sql, { token: former.token, acknowledged: [], error: 'late' })).toBeNull()
  expect(await sql`select failures, last_error, expires_at > now() as held from outbox_lease`).toEqual([
    { failures: 0, last_error: null, held: true },
  ])
})

test('who waited for the lease while another published does not get what that one has published', async () => {
  await using publisher = await openConnection(env.DATABASE_URL)
  await using waiter = await openConnection(env.DATABASE_URL)
  await publisher.query('begin')
  const { batch } = await next(publisher.sql, nothing)
  if (!batch) throw new Error('no batch')
  const waiting = next(waiter.sql, nothing)
  await expect
    .poll(() => sql`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
    .toEqual([{ count: 1 }])
  await next(publisher.sql, { token: batch.token, acknowledged: batch.events.map(({ id }) => id) })
  await publisher.query('commit')
  expect((await waiting).batch).toBeNull()
})

test('after a failure the backoff is told to everyone, and nobody gets a batch', async () => {
  const { batch } = await next(sql, nothing)
  const backoff = await fail(sql, { token: batch?.token ?? '', acknowledged: [], error: 'no broker' })
  expect(backoff).toBeGreaterThan(0)
  const other = await next(sql, nothing)
  expect(other.batch).toBeNull()
  expect(other.backoff).toBeLessThanOrEqual(backoff ?? 0)
  expect(other.backoff).toBeGreaterThan(0)
})

test('the backoff doubles from 1 s to 30 s, and a success ends it', async () => {
  const backoffs: (number | null)[] = []
  for (let i = 0; i < 7; i++) {
    await sql`update outbox_lease set retry_at = '-infinity'`
    const { batch } = await next(sql, nothing)
    backoffs.push(await fail(sql, { token: batch?.token ?? '', acknowledged: [], error: 'no broker' }))
  }
  expect(backoffs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  await sql`update outbox_lease set retry_at = '-infinity'`
  const { batch } = await next(sql, nothing)
  await next(sql, { token: batch?.token ?? '', acknowledged: [] })
  expect(await sql`select failures, last_error from outbox_lease`).toEqual([{ failures: 0, last_error: null }])
})

test('what was acknowledged before a failure is deleted, and not sent again', async () => {
  const { batch } = await next(sql, nothing)
  await fail(sql, { token: batch?.token ?? '', acknowledged: batch?.events.map(({ id }) => id) ?? [], error: 'no broker' })
  expect(await sql`select id from outbox`).toEqual([])
})

test('a lease lasts 5 s from its statement: a send of 2 s that starts within 3 s is over by then', async () => {
  await using connection = await openConnection(env.DATABASE_URL)
  await connection.query('begin') // time stands still in a transaction
  await next(connection.sql, nothing)
  const { rows } = await connection.query('select extract(epoch from expires_at - now())::float8 as seconds from outbox_lease')
  await connection.query('rollback')
  expect(rows).toEqual([{ seconds: 5 }])
})

test('a topic is held for 1 s, doubling to 30 s, and a hold that has just begun is not ended by what was sent before it', async () => {
  await using connection = await openConnection(env.DATABASE_URL)
  await connection.query('begin')
  const seconds: unknown[] = []
  for (let i = 0; i < 7; i++) {
    await hold(connection.sql, 'topic', 'NOT_ENOUGH_REPLICAS')
    const { rows } = await connection.query('select extract(epoch from retry_at - now())::float8 as seconds from outbox_held')
    seconds.push(rows[0]?.seconds)
  }
  expect(seconds).toEqual([1, 2, 4, 8, 16, 30, 30])
  const { rows } = await connection.query('select id::int from outbox')
  await next(connection.sql, { token: '0', acknowledged: [Number(rows[0]?.id)] })
  expect((await connection.query('select topic from outbox_held')).rows).toEqual([{ topic: 'topic' }])
  await connection.query('rollback')
})
