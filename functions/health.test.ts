import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../lib/database.ts'
import { emptyOutbox } from '../local/rig/outbox.ts'
import { stage } from '../local/rig/stage.ts'
import { startUnkindBroker } from '../local/rig/unkind-broker.ts'
import { rateLimitedTo, worker } from '../local/rig/worker.ts'

const atLeastOne = expect.toSatisfy((count: number) => count >= 1)
const ok = { pending: 0, oldest_age_seconds: null, failures: 0, last_error: null, held: [], dead: 0 }

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')
type Api = ReturnType<typeof worker>
const health = async (api: Api, headers: Record<string, string> = {}) => {
  const response = await api.fetch('/health', { headers })
  return [response.status, await response.json()]
}
const waiting = (sql: Sql, seconds: number, count = 1) => sql`
  insert into outbox (event_id, type, key, payload, headers, created_at)
  select gen_random_uuid(), 'product.created', 'key', 'payload', '{}', now() - ${seconds} * interval '1 s'
  from generate_series(1, ${count}::integer)`

describe('with its database, open to all', async () => {
  const { env, sql } = stage()
  const { DATABASE_URL, NEON_PROXY_URL, API_TOKENS } = env
  const given = { DATABASE_URL, NEON_PROXY_URL, API_TOKENS }
  const api = worker('health', given)
  const limited = worker('health', given, await rateLimitedTo(20))
  beforeEach(() => emptyOutbox(sql))
  const soon = () => expect.poll(() => health(api)) // it remembers for 2 s how it was

  test('all is well at first', async () => {
    await soon().toEqual([200, { status: 'ok', database: 'ok', outbox: ok }])
  })

  test('a broker that is away degrades it, and the error is named without an address', async () => {
    const began = performance.now()
    await waiting(sql, 60)
    await sql`update outbox_lease set failures = 3, last_error = 'KafkaJSConnectionError: connect ECONNREFUSED 10.1.2.3:9092'`
    await soon().toEqual([
      200,
      {
        status: 'degraded',
        database: 'ok',
        outbox: {
          ...ok,
          pending: 1,
          oldest_age_seconds: expect.toSatisfy(
            (age: number) => age >= 60 && age < 65 + (performance.now() - began) / 1000,
          ),
          failures: 3,
          last_error: 'KafkaJSConnectionError',
        },
      },
    ])
  })

  test('a partition that cannot be written degrades it, and is named', async () => {
    await sql`insert into outbox_held values ('topic:2', 1, now(), 'INVALID_TIMESTAMP')`
    await soon().toMatchObject([
      200,
      { status: 'degraded', outbox: { held: [{ target: 'topic:2', last_error: 'INVALID_TIMESTAMP' }] } },
    ])
  })

  test('what Kafka has refused for good degrades it until somebody has looked at it', async () => {
    await sql`
      insert into outbox_dead (id, event_id, type, key, payload, headers, created_at, error)
      values (1, gen_random_uuid(), 'product.created', 'key', 'payload', '{}', now(), 'MESSAGE_TOO_LARGE')`
    await soon().toMatchObject([200, { status: 'degraded', outbox: { dead: 1 } }])
  })

  test('an event that waits for over two minutes degrades it, but the API works', async () => {
    await waiting(sql, 90)
    await soon().toMatchObject([200, { status: 'ok', outbox: { pending: 1 } }])
    await sql`update outbox set created_at = now() - interval '121 s'`
    await soon().toMatchObject([200, { status: 'degraded', database: 'ok', outbox: { pending: 1 } }])
  })

  test('what waits is counted up to a thousand', async () => {
    await waiting(sql, 1, 1_001)
    await soon().toMatchObject([200, { status: 'ok', outbox: { pending: 1_000 } }])
  })

  test('an address that asks too often has to wait, also with a token, which counts for nothing here', async () => {
    const ask = async () => (await health(limited, { authorization: 'Bearer any' }))[0]
    const statuses = await Promise.all(Array.from({ length: 45 }, ask)) // more than two periods allow
    expect(new Set(statuses.map((status) => status === 429))).toEqual(new Set([true, false]))
  })
})

describe('with tokens', async () => {
  const { env, sql } = stage()
  const { DATABASE_URL, NEON_PROXY_URL } = env
  const given = { DATABASE_URL, NEON_PROXY_URL, API_TOKENS: `${sha256('writer')},read:${sha256('reader')}` }
  const api = worker('health', given)
  const limited = worker('health', given, await rateLimitedTo(20))

  test('without one only the status is told, with one the rest', async () => {
    await expect.poll(() => health(api)).toEqual([200, { status: 'ok' }])
    for (const token of ['writer', 'reader'])
      await expect
        .poll(() => health(api, { authorization: `Bearer ${token}` }))
        .toEqual([200, { status: 'ok', database: 'ok', outbox: ok }])
    expect(await health(api, { authorization: 'Bearer stranger' })).toMatchObject([401, {}])
  })

  test('two hundred at once are a few questions to the database', async () => {
    await sql`create sequence asked`
    await sql`alter table outbox_lease rename to lease`
    await sql`create view outbox_lease as select * from lease where nextval('asked') > 0`
    await sql`grant select on outbox_lease to public`
    await sql`grant usage on sequence asked to public`
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 200 }, () => health(api)))
    const seconds = (performance.now() - began) / 1000
    const [row] = await sql`select last_value::int as asked from asked`
    await expect.poll(() => health(api)).toEqual([200, { status: 'ok' }])
    await sql`drop view outbox_lease`
    await sql`alter table lease rename to outbox_lease`
    const late = seconds > 1.5 ? [[200, { status: 'ok' }]] : [] // the database may take no longer, or it is taken for down
    expect([...answers, ...late]).toContainEqual([200, { status: 'ok' }])
    expect(row?.asked).toBeLessThan(20 + 5 * seconds) // an answer is remembered for 2 s, and here they may all take longer
  })

  test('an address that asks too often without one has to wait, and who has one has not', async () => {
    const answers = await Promise.all(Array.from({ length: 45 }, () => health(limited))) // more than two periods allow
    const statuses = answers.map(([status]) => status)
    expect(statuses).toContain(429)
    expect(new Set(statuses).size).toBeGreaterThan(1)
    expect(await health(limited, { authorization: 'Bearer reader' })).toMatchObject([
      expect.any(Number),
      { database: expect.any(String) },
    ])
    expect((await limited.fetch('/health/live')).status).toBe(200)
  })
})

describe('with a dead broker', () => {
  const { env } = stage()
  const api = worker('', { ...env, KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' })

  test('the API takes products, and tells that they wait', async () => {
    expect((await api.post('/products', { name: 'Bulle', price: 1, quantity: 1 })).status).toBe(201)
    await expect
      .poll(async () => (await api.fetch('/health')).json())
      .toMatchObject({
        status: 'degraded',
        outbox: { pending: 1, failures: atLeastOne, last_error: expect.stringMatching(/^Kafka\w+$/) }, // the alarm tries, too
      })
  })
})

describe('without its database', () => {
  const { env } = stage()
  const { DATABASE_URL, API_TOKENS } = env
  const refused = worker('health', { DATABASE_URL, API_TOKENS, NEON_PROXY_URL: 'http://127.0.0.1:1/sql' })
  test('it is down, and runs all the same', async () => {
    expect(await health(refused)).toEqual([503, { status: 'down', database: 'down', outbox: null }])
    const response = await refused.fetch('/health/live')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })
})

describe('with a silent database', async () => {
  const { env } = stage()
  const silent = await startUnkindBroker('silent') // it is silent to a database's client just as well
  afterAll(() => silent[Symbol.asyncDispose]())
  const api = worker('', { ...env, NEON_PROXY_URL: `http://${silent.address}/sql` })
  test('it does not wait as long as others do', async () => {
    const others = api.fetch('/products')
    const own = api.fetch('/health')
    expect(await Promise.race([own, others])).toBe(await own)
    expect([(await own).status, (await others).status]).toEqual([503, 503])
  })

  const { DATABASE_URL, API_TOKENS } = env
  const alone = worker('health', { DATABASE_URL, API_TOKENS, NEON_PROXY_URL: `http://${silent.address}/sql` })
  test('twenty at once ask it once, and are told when that is over', async () => {
    const before = silent.accepted()
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, () => alone.fetch('/health')))
    const times = 1 + Math.floor((performance.now() - began) / 2_000) // once, but on a machine that takes longer to ask
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503))
    expect(silent.accepted() - before).toBeGreaterThanOrEqual(1)
    expect(silent.accepted() - before).toBeLessThanOrEqual(times)
  })
})
