import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyOutbox, insertEvents } from '../rig/outbox.ts'
import { stage } from '../rig/stage.ts'
import { connect } from './database.ts'
import { list, status } from './look.ts'

const { env, sql } = stage()
let client: Awaited<ReturnType<typeof connect>>

beforeAll(async () => {
  client = await connect(env.DATABASE_URL)
})
afterAll(() => client.end())
beforeEach(() => emptyOutbox(sql))

const bury = (error: string) => sql`
  with dead as (delete from outbox returning id, event_id, type, key, payload, headers, created_at)
  insert into outbox_dead (id, event_id, type, key, payload, headers, created_at, error) select *, ${error} from dead`

test('an outbox where all is well is clean', async () => {
  expect(await status(client)).toEqual({
    pending: 0,
    oldest_age_seconds: null,
    dead: 0,
    lease: { held: false, token: expect.stringMatching(/^\d+$/), expires_at: null, expires_in_seconds: null },
    failures: 0,
    last_error: null,
    backoff_until: null,
    backoff_seconds: null,
    held: [],
    more_held: false,
  })
})

test('the status has what waits, for what and for how long, who publishes, and why it fails', async () => {
  await insertEvents(sql, 2)
  await bury('MESSAGE_TOO_LARGE')
  await insertEvents(sql, 5)
  await sql`update outbox set created_at = now() - interval '1 hour'`
  await sql`insert into outbox_held values ('t:1', 4, now() + interval '1 hour', 'NOT_ENOUGH_REPLICAS'), ('t', 1, now(), 'OTHER')`
  await sql`update outbox set target = 't:1' where id in (select id from outbox order by id limit 3)`
  await sql`
    update outbox_lease set expires_at = now() + interval '1 hour', retry_at = now() + interval '1 hour', failures = 2,
      last_error = 'KafkaTimeout: late'`
  const told = await status(client)
  expect(told).toMatchObject({
    pending: 5,
    dead: 2,
    lease: { held: true, expires_at: expect.any(Date) },
    failures: 2,
    last_error: 'KafkaTimeout: late',
    backoff_until: expect.any(Date),
    held: [
      { target: 't', events: 0, failures: 1, retry_in_seconds: 0, last_error: 'OTHER' },
      { target: 't:1', events: 3, failures: 4, last_error: 'NOT_ENOUGH_REPLICAS' },
    ],
    more_held: false,
  })
  expect(told.oldest_age_seconds).toBeGreaterThanOrEqual(3_600)
  expect(told.held[1]?.retry_in_seconds).toBeGreaterThan(1_800)
  expect(told.held[1]?.retry_in_seconds).toBeLessThanOrEqual(3_600)
})

test('counting ends at 100,000, and what is shown of held targets at 100', async () => {
  await sql`insert into outbox_held select 't:' || n, 1, now(), 'x' from generate_series(1, 101) n`
  await client.query(`
    insert into outbox (event_id, type, key, payload, headers, target)
    select gen_random_uuid(), 'product.created', '1', '', '{}', 't:1' from generate_series(1, 100001)`)
  const told = await status(client)
  expect(told).toMatchObject({ pending: 100_000, more_held: true })
  expect(told.held).toHaveLength(100)
  expect(told.held.find(({ target }) => target === 't:1')?.events).toBe(100_000)
})

test('pending events come the oldest first, no more than asked for', async () => {
  const ids = await insertEvents(sql, 3)
  await sql`insert into outbox_held values ('t:1', 1, now(), 'x')`
  await sql`update outbox set target = 't:1' where event_id = ${ids[1]}`
  const { events, more } = await list(client, { dead: false, limit: 2 })
  expect(events).toEqual([
    { event_id: ids[0], type: 'product.created', key: '1', age_seconds: expect.any(Number), held_for: null },
    { event_id: ids[1], type: 'product.created', key: '2', age_seconds: expect.any(Number), held_for: 't:1' },
  ])
  expect(more).toBe(true)
  expect(await list(client, { dead: false, limit: 3 })).toMatchObject({ more: false })
})

test('dead events come with the reason, and those of a handler of before with the type in their headers', async () => {
  const [id] = await insertEvents(sql, 1)
  await sql`update outbox set type = null, topic = 'products.created', headers = '{"ce_type":"product.created"}'`
  await bury('MESSAGE_TOO_LARGE')
  expect(await list(client, { dead: true, limit: 50 })).toEqual({
    dead: true,
    events: [
      {
        event_id: id,
        type: 'product.created',
        key: '1',
        age_seconds: expect.any(Number),
        error: 'MESSAGE_TOO_LARGE',
        died_at: expect.any(Date),
      },
    ],
    more: false,
  })
})
