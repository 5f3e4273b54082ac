// What a request leaves behind reaches Kafka by the relay's alarm, with no other request and no cron.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HANDLERS } from '../../lib/handlers.ts'
import { startKafka } from '../../local/kafka/server.ts'
import { lastingPort } from '../../local/machine/ports.ts'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { bundle, startKillableWorker } from '../../local/rig/killable-worker.ts'
import { stage } from '../../local/rig/stage.ts'
import { createTopics } from '../../local/rig/topics.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { worker } from '../../local/rig/worker.ts'

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const NO_ALARM = 'the alarm of the relay could not be set'
const ALARM = { timeout: 300_000 } // it comes 60 s after a Worker was about to write, and a busy machine is slow

const post = (url: string) =>
  fetch(`${url}products`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(bun),
  })

describe('a product answered with 201 reaches Kafka', () => {
  const { env, sql, records } = stage()

  test('though its Worker was killed before it published, and nobody came after it', async () => {
    await using built = await bundle('')
    const folder = await mkdtemp(join(tmpdir(), 'alarms-'))
    onTestFinished(() => rm(folder, { recursive: true, maxRetries: 5 }))
    await using silent = await startUnkindBroker('silent')
    const lost = { ...env, KAFKA_BOOTSTRAP_SERVERS: silent.address }
    await using doomed = await startKillableWorker(built, lost, {}, folder)
    const response = await post(doomed.url)
    expect(response.status).toBe(201)
    const { id } = (await response.json()) as { id: number }
    await expect.poll(silent.open).toBeGreaterThan(0) // it is publishing
    await doomed.kill()
    expect(await sql`select key from outbox`).toEqual([{ key: String(id) }])

    await using next = await startKillableWorker(built, env, {}, folder)
    await expect.poll(() => records().map(({ key }) => key), ALARM).toEqual([String(id)])
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    expect(next.output()).not.toContain(NO_ALARM)
  })
})

describe('every function that changes products leaves to the alarm what it cannot publish', async () => {
  const { env, sql } = stage()
  const kafka = { ports: [await lastingPort()], folder: await mkdtemp(join(tmpdir(), 'broker-')), log: () => {} }
  const servers = [`127.0.0.1:${kafka.ports[0]}`]
  const api = worker(['gateway', ...HANDLERS.map(({ name }) => name)], {
    ...env,
    KAFKA_BOOTSTRAP_SERVERS: servers.join(),
  })

  beforeAll(async () => {
    await using _broker = await startBroker()
    await createTopics(servers, [env.PRODUCTS_TOPIC, env.PRODUCTS_CHANGED_TOPIC])
  })
  afterAll(() => rm(kafka.folder, { recursive: true, maxRetries: 5 }))

  async function startBroker() {
    const { close } = await startKafka(kafka)
    return { [Symbol.asyncDispose]: close }
  }

  /** Kafka is away while it publishes, and comes back afterwards. */
  async function change(method: string, path: string, body?: unknown) {
    const failures = () => api.logs().filter((line) => line.includes('events could not be published')).length
    const before = failures()
    const response = await api.send(method, path, body)
    await expect.poll(failures).toBeGreaterThan(before)
    await using _broker = await startBroker()
    await expect.poll(() => sql`select id from outbox`, ALARM).toEqual([])
    return response
  }

  test('each deployed on its own', ANEW_IF_BUSY, async () => {
    api.clearLogs()
    const created = await change('POST', '/products', bun)
    expect(created.status).toBe(201)
    expect((await change('POST', '/products/import', [bun])).status).toBe(201)
    const place = created.headers.get('location') ?? ''
    expect((await change('PATCH', place, { price: '1.00' })).status).toBe(200)
    expect((await change('DELETE', place)).status).toBe(204)
    expect(api.logs().join('\n')).not.toContain(NO_ALARM)
  })
})

describe('an alarm that is not bound', () => {
  const { env, records } = stage()

  test('changes no answer, and is said once', ANEW_IF_BUSY, async () => {
    await using built = await bundle('create-product')
    await using unbound = await startKillableWorker(built, env)
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      const response = await post(unbound.url)
      expect(response.status).toBe(201)
      ids.push(String(((await response.json()) as { id: number }).id))
    }
    await expect.poll(() => records().map(({ key }) => key)).toEqual(expect.arrayContaining(ids))
    expect(unbound.output().split('OUTBOX_ALARM is not bound')).toHaveLength(2)
  })
})
