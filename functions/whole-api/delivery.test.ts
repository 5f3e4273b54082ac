// The promise of delivery, with the whole API in one Worker.

import { describe, expect, test } from 'vitest'
import { lastingPort } from '../../local/machine/ports.ts'
import { bundle, startKillableWorker } from '../../local/rig/killable-worker.ts'
import { stage } from '../../local/rig/stage.ts'
import { forward } from '../../local/rig/tcp.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { worker } from '../../local/rig/worker.ts'

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }

describe('a product answered with 201 reaches Kafka', async () => {
  const { env, sql, records } = stage()
  const port = await lastingPort()
  const api = worker('', { ...env, KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}` })

  test('though the broker was down: nobody notices, and the relay brings what waited', async () => {
    const ids: number[] = []
    for (let i = 0; i < 5; i++) {
      const response = await api.post('/products', bun)
      expect(response.status).toBe(201)
      ids.push(((await response.json()) as { id: number }).id)
    }
    await expect.poll(() => sql`select failures > 0 as failed from outbox_lease`).toEqual([{ failed: true }])
    expect(records()).toEqual([])

    await using _broker = await forward(port, env.KAFKA_BOOTSTRAP_SERVERS.split(',')[0])
    await expect
      .poll(async () => {
        expect(await api.cron()).toMatchObject({ outcome: 'ok' })
        return new Set(records().map(({ key }) => Number(key)))
      })
      .toEqual(new Set(ids))
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    expect(await sql`select failures, last_error from outbox_lease`).toEqual([{ failures: 0, last_error: null }])
  })
})

describe('a product answered with 201 reaches Kafka', () => {
  const { env, sql, records } = stage()

  test('though the Worker was killed between the commit and the publishing', async () => {
    await using built = await bundle('')
    let id: number
    {
      await using silent = await startUnkindBroker('silent')
      await using doomed = await startKillableWorker(built, { ...env, KAFKA_BOOTSTRAP_SERVERS: silent.address })
      const response = await fetch(`${doomed.url}products`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bun),
      })
      expect(response.status).toBe(201)
      ;({ id } = (await response.json()) as { id: number })
      await expect.poll(silent.open).toBeGreaterThan(0) // it is publishing
      await doomed.kill()
    }
    expect(await sql`select key from outbox`).toEqual([{ key: String(id) }])
    expect(await sql`select expires_at > '-infinity' as held, failures from outbox_lease`).toEqual([
      { held: true, failures: 0 }, // it has freed nothing, though its 5 s may be over by now
    ])

    await using next = await startKillableWorker(built, env)
    await expect // until the lease of the dead has expired
      .poll(async () => {
        await fetch(`${next.url}cdn-cgi/local/scheduled`)
        return records().map(({ key }) => key)
      })
      .toEqual([String(id)])
    await expect.poll(() => sql`select id from outbox`).toEqual([])
  })
})

describe('the broker never changes an answer', async () => {
  const { env, sql } = stage()
  const silent = await startUnkindBroker('silent')
  const api = worker('create-product', { ...env, KAFKA_BOOTSTRAP_SERVERS: silent.address })

  test('a silent one is waited for after the answer, and not for long', async () => {
    const began = performance.now()
    const response = await api.post('/products', bun)
    expect(response.status).toBe(201)
    const ended = silent.accepted() - silent.open()
    expect(ended).toBeLessThanOrEqual(Math.floor((performance.now() - began) / 4_000)) // no attempt has ended yet
    await expect.poll(silent.accepted).toBeGreaterThan(0)
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post('/products', bun)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201))
    await expect.poll(silent.open).toBe(0)
    expect(await sql`select count(*)::int from outbox`).toEqual([{ count: 21 }])
    await silent[Symbol.asyncDispose]()
  })
})
