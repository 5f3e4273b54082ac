// Prefer: wait=N answers once Kafka has acknowledged the event.

import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { beforeEach, describe, expect, test } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { emptyOutbox } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { worker } from '../../local/rig/worker.ts'

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const wait = (n: number) => ({ prefer: `wait=${n}` })

describe('with a broker that answers', ANEW_IF_BUSY, () => {
  const { env, sql, bootstrapServers, topic } = stage()
  const api = worker('create-product', env)
  beforeEach(() => emptyOutbox(sql))
  const post = async (headers: Record<string, string>) => {
    const response = await api.post('/products', bun, headers)
    expect(response.status).toBe(201)
    return response.headers.get('preference-applied')
  }

  test('a product is answered when its record is on Kafka', async () => {
    const admin = new Kafka({ brokers: bootstrapServers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      const records = async () =>
        (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
      const before = await records()
      for (let count = 1; count <= 5; count++) {
        expect(await post(wait(10))).toBe('wait=10')
        expect(await records()).toBe(before + count)
        expect(await sql`select from outbox`).toEqual([])
      }
    } finally {
      await admin.disconnect()
    }
  })

  test('twenty at once are all answered so, whichever of them publishes', async () => {
    const answer = async () => {
      const began = performance.now()
      return (await post(wait(9))) ?? (performance.now() - began > 8_900 && 'too late on a busy machine')
    }
    const answers = new Set(await Promise.all(Array.from({ length: 20 }, answer)))
    answers.delete('too late on a busy machine')
    expect([...answers]).toEqual(['wait=9'])
  })

  test('nobody waits for the events of others', async () => {
    await sql`
      with held as (insert into outbox_held values ('held', 1, now() + interval '1 hour', 'in the test') returning target)
      insert into outbox (event_id, type, key, payload, headers, target)
      select gen_random_uuid(), 'product.created', 'key', 'payload', '{}', target from held`
    expect(await post(wait(10))).toBe('wait=10')
  })

  test('more than 10 s is 10 s, and says so', async () => {
    expect(await post({ prefer: 'respond-async, wait="60"' })).toBe('wait=10')
  })

  test('without a time to wait nothing is applied', async () => {
    expect(await post({})).toBeNull()
    for (const prefer of ['return=minimal', 'wait=0', 'wait=soon']) expect(await post({ prefer })).toBeNull()
  })

  test('a replayed answer can be waited for as well', async () => {
    const headers = { 'idempotency-key': randomUUID(), ...wait(10) }
    expect(await post(headers)).toBe('wait=10')
    expect(await post(headers)).toBe('wait=10')
  })
})

describe('with a broker that is silent', async () => {
  const { env, sql } = stage()
  const silent = await startUnkindBroker('silent')
  const api = worker('create-product', { ...env, KAFKA_BOOTSTRAP_SERVERS: silent.address })
  let posts = 0
  const timed = async (headers: Record<string, string>) => {
    posts++
    const began = performance.now()
    const response = await api.post('/products', bun, headers)
    expect([response.status, response.headers.get('preference-applied')]).toEqual([201, null])
    return performance.now() - began
  }

  test('the answer is as fast as ever for who does not wait, and comes after N seconds for who does', async () => {
    const began = performance.now()
    await timed({})
    const ended = silent.accepted() - silent.open()
    expect(ended).toBeLessThanOrEqual(Math.floor((performance.now() - began) / 4_000)) // no attempt has ended yet
    for (const n of [1, 3]) {
      const longest = n * 1000 + 1900
      let ms = Infinity
      for (let tries = 0; ms >= longest && tries < 20; tries++) {
        ms = await timed(wait(n)) // once, but on a busy machine
        expect(ms).toBeGreaterThanOrEqual(n * 1000 - 20) // two clocks
      }
      expect(ms).toBeLessThan(longest)
    }
    expect(await sql`select count(*)::int from outbox`).toEqual([{ count: posts }])
    await expect.poll(silent.open).toBe(0)
    await silent[Symbol.asyncDispose]()
  })
})
