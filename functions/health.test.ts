import { beforeEach, describe, expect, test } from 'vitest'
import { emptyOutbox } from '../local/rig/outbox.ts'
import { stage } from '../local/rig/stage.ts'
import { startUnkindBroker } from '../local/rig/unkind-broker.ts'
import { worker } from '../local/rig/worker.ts'

const ok = { pending: 0, oldest_age_seconds: null, failures: 0, last_error: null, held: [], dead: 0 }

describe('with its database', () => {
  const { env, sql } = stage()
  const api = worker('health', { DATABASE_URL: env.DATABASE_URL, NEON_PROXY_URL: env.NEON_PROXY_URL })
  beforeEach(() => emptyOutbox(sql))
  const health = async () => {
    const response = await api.fetch('/health')
    return [response.status, await response.json()]
  }
  const wait = (seconds: number) => sql`
    insert into outbox (event_id, type, key, payload, headers, created_at)
    values (gen_random_uuid(), 'product.created', 'key', 'payload', '{}', now() - ${seconds} * interval '1 s')`

  test('all is well at first', async () => {
    expect(await health()).toEqual([200, { status: 'ok', database: 'ok', outbox: ok }])
  })

  test('a broker that is away degrades it, and the error is named without an address', async () => {
    await wait(60)
    await sql`update outbox_lease set failures = 3, last_error = 'KafkaJSConnectionError: connect ECONNREFUSED 10.1.2.3:9092'`
    expect(await health()).toEqual([
      200,
      {
        status: 'degraded',
        database: 'ok',
        outbox: {
          ...ok,
          pending: 1,
          oldest_age_seconds: expect.closeTo(60, -1),
          failures: 3,
          last_error: 'KafkaJSConnectionError',
        },
      },
    ])
  })

  test('a partition that cannot be written degrades it, and is named', async () => {
    await sql`insert into outbox_held values ('topic:2', 1, now(), 'INVALID_TIMESTAMP')`
    expect(await health()).toMatchObject([
      200,
      { status: 'degraded', outbox: { held: [{ target: 'topic:2', last_error: 'INVALID_TIMESTAMP' }] } },
    ])
  })

  test('what Kafka has refused for good degrades it until somebody has looked at it', async () => {
    await sql`
      insert into outbox_dead (id, event_id, type, key, payload, headers, created_at, error)
      values (1, gen_random_uuid(), 'product.created', 'key', 'payload', '{}', now(), 'MESSAGE_TOO_LARGE')`
    expect(await health()).toMatchObject([200, { status: 'degraded', outbox: { dead: 1 } }])
  })

  test('an event that the cron has twice left behind degrades it, but the API works', async () => {
    await wait(90)
    expect(await health()).toMatchObject([200, { status: 'ok' }])
    await sql`update outbox set created_at = now() - interval '121 s'`
    expect(await health()).toMatchObject([200, { status: 'degraded', database: 'ok', outbox: { pending: 1 } }])
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
        outbox: { pending: 1, failures: 1, last_error: expect.stringMatching(/^Kafka\w+$/) },
      })
  })
})

describe('without its database', () => {
  const { env } = stage()
  const refused = worker('health', { DATABASE_URL: env.DATABASE_URL, NEON_PROXY_URL: 'http://127.0.0.1:1/sql' })
  test('a database that is away is 503', async () => {
    const response = await refused.fetch('/health')
    expect([response.status, await response.json()]).toEqual([503, { status: 'down', database: 'down', outbox: null }])
  })
})

describe('with a silent database', async () => {
  const { env } = stage()
  const silent = await startUnkindBroker('silent') // it is silent to a database's client just as well
  const api = worker('health', { DATABASE_URL: env.DATABASE_URL, NEON_PROXY_URL: `http://${silent.address}/sql` })
  test('it does not wait long', async () => {
    await api.fetch('/nothing') // the first request of a Worker takes longer
    const began = performance.now()
    expect((await api.fetch('/health')).status).toBe(503)
    expect(performance.now() - began).toBeLessThan(2_000)
    await silent[Symbol.asyncDispose]()
  })
})
