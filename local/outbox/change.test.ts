import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyOutbox, insertEvents } from '../rig/outbox.ts'
import { stage } from '../rig/stage.ts'
import { drop, redrive, release } from './change.ts'
import { connect } from './database.ts'

const { env, sql } = stage()
let client: Awaited<ReturnType<typeof connect>>

beforeAll(async () => {
  client = await connect(env.DATABASE_URL)
})
afterAll(() => client.end())
beforeEach(() => emptyOutbox(sql))

const events = (table = sql`outbox`) =>
  sql`select id, event_id, type, topic, key, payload, headers, created_at from ${table} order by id`
const dead = () => events(sql`outbox_dead`)
const bury = (ids: string[]) => sql`
  with dead as (
    delete from outbox where event_id = any(${ids}::uuid[]) returning id, event_id, type, topic, key, payload, headers, created_at
  )
  insert into outbox_dead (id, event_id, type, topic, key, payload, headers, created_at, error) select *, 'MESSAGE_TOO_LARGE' from dead`
const yes = async () => true

test('a dead event is put back as it was, and in its place', async () => {
  const [first = '', second = '', third = ''] = await insertEvents(sql, 3)
  await sql`update outbox set type = null, topic = 'products.created', created_at = '2026-01-02T03:04:05.678901Z' where event_id = ${second}`
  const before = await events()
  await bury([first, second])
  expect(await redrive(client, { ids: [second], dryRun: false })).toBe(1)
  expect(await events()).toEqual(before.slice(1))
  expect(await dead()).toEqual(before.slice(0, 1))
  const [next] = await insertEvents(sql, 1)
  expect((await events()).map(({ event_id }) => event_id)).toEqual([second, third, next])
})

test('an id that is no dead event is named, and nothing is put back', async () => {
  const [gone = '', pending = ''] = await insertEvents(sql, 2)
  await bury([gone])
  const unknown = randomUUID()
  await expect(redrive(client, { ids: [gone, pending, unknown], dryRun: false })).rejects.toThrow(
    `nothing was changed, as there is no dead event ${pending} (it is pending), ${unknown}`,
  )
  expect(await dead()).toHaveLength(1)
  expect(await events()).toHaveLength(1)
})

test('of many unknown ids the first are named', async () => {
  const ids = Array.from({ length: 12 }, () => randomUUID())
  await expect(redrive(client, { ids, dryRun: false })).rejects.toThrow(`${ids[9]} and 2 more`)
})

test('all dead events are put back in their order, though they are more than one statement moves', async () => {
  const many = await insertEvents(sql, 10_001)
  const large = await insertEvents(sql, 9, { size: 4_000_000 })
  await bury([...many, ...large])
  expect(await redrive(client, { ids: 'all', dryRun: true })).toBe(10_010)
  expect(await sql`select count(*)::int from outbox`).toEqual([{ count: 0 }])
  expect(await redrive(client, { ids: 'all', dryRun: false })).toBe(10_010)
  expect(await dead()).toEqual([])
  const rows = await sql`select event_id, xmin::text::int as transaction from outbox order by id`
  expect(rows.map(({ event_id }) => event_id)).toEqual([...many, ...large])
  const transactions = rows.map(({ transaction }) => Number(transaction))
  expect(transactions).toEqual(transactions.toSorted((a, b) => a - b)) // the oldest first, as a publisher may come between two
  expect(new Set(transactions).size).toBe(3) // 10,000 events, 32 MB, and the rest
})

test('what dies again while all are put back is left for the next time', async () => {
  await bury(await insertEvents(sql, 1))
  await sql`update outbox_dead set died_at = now() + interval '1 minute'`
  expect(await redrive(client, { ids: 'all', dryRun: false })).toBe(0)
  expect(await dead()).toHaveLength(1)
})

const held = () => sql`select target, retry_at <= now() as due, failures from outbox_held order by target`

test('a topic is released with its partitions, and others are not', async () => {
  await sql`
    insert into outbox_held select target, 3, now() + interval '1 hour', 'x'
    from unnest(array['a', 'a:0', 'a:1', 'ab', 'ab:0', 'b']) as target`
  expect(await release(client, { target: 'a', dryRun: true })).toEqual(['a', 'a:0', 'a:1'])
  expect((await held()).filter(({ due }) => due)).toEqual([])
  expect(await release(client, { target: 'a', dryRun: false })).toEqual(['a', 'a:0', 'a:1'])
  expect((await held()).filter(({ due }) => due)).toEqual([
    { target: 'a', due: true, failures: 3 },
    { target: 'a:0', due: true, failures: 3 },
    { target: 'a:1', due: true, failures: 3 },
  ])
  expect(await release(client, { target: 'ab:0', dryRun: false })).toEqual(['ab:0'])
  expect((await held()).filter(({ due }) => !due).map(({ target }) => target)).toEqual(['ab', 'b'])
})

test('a target that is not held is named, and none is released', async () => {
  await sql`insert into outbox_held values ('a:0', 3, now() + interval '1 hour', 'x')`
  await expect(release(client, { target: 'a:1', dryRun: false })).rejects.toThrow('nothing is held back for a:1')
  expect(await held()).toMatchObject([{ due: false }])
})

test('events are dropped, pending and dead ones, when somebody agrees', async () => {
  const [first = '', second = '', third = ''] = await insertEvents(sql, 3)
  await bury([first])
  const ids = [first, second]
  const count = { pending: 1, dead: 1, publishing: false }
  expect(await drop(client, { ids, dryRun: true }, yes)).toEqual(count)
  const asked: unknown[] = []
  const refuse = async (about: unknown) => {
    asked.push(about)
    return false
  }
  expect(await drop(client, { ids, dryRun: false }, refuse)).toBeNull()
  expect(asked).toEqual([count])
  expect([...(await events()), ...(await dead())]).toHaveLength(3)
  expect(await drop(client, { ids, dryRun: false }, yes)).toEqual(count)
  expect((await events()).map(({ event_id }) => event_id)).toEqual([third])
  expect(await dead()).toEqual([])
})

test('an id that is no event is named before anybody is asked, and nothing is dropped', async () => {
  const [id = ''] = await insertEvents(sql, 1)
  const unknown = randomUUID()
  const asked = async (): Promise<boolean> => {
    throw new Error('asked')
  }
  await expect(drop(client, { ids: [id, unknown], dryRun: false }, asked)).rejects.toThrow(
    `no pending or dead event ${unknown}`,
  )
  expect(await events()).toHaveLength(1)
})

test('an event that leaves while somebody thinks keeps the others', async () => {
  const [first = '', second = ''] = await insertEvents(sql, 2)
  const published = async () => {
    await sql`delete from outbox where event_id = ${first}`
    return true
  }
  await expect(drop(client, { ids: [first, second], dryRun: false }, published)).rejects.toThrow(
    `no pending or dead event ${first}`,
  )
  expect((await events()).map(({ event_id }) => event_id)).toEqual([second])
})

test('it is said when a publisher may have a pending event already', async () => {
  const [first = '', second = ''] = await insertEvents(sql, 2)
  await bury([first])
  await sql`update outbox_lease set expires_at = now() + interval '1 minute'`
  expect(await drop(client, { ids: [first], dryRun: false }, yes)).toEqual({ pending: 0, dead: 1, publishing: false })
  expect(await drop(client, { ids: [second], dryRun: false }, yes)).toEqual({ pending: 1, dead: 0, publishing: true })
})
