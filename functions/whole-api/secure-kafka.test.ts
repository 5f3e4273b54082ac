// Kafka as managed services have it. These tests take a broker that has it: its address, and the certificate of its
// authority.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundle, startKillableWorker } from '../../local/rig/killable-worker.ts'
import { pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'

const { TEST_KAFKA_SASL_SSL_SERVERS = '', TEST_KAFKA_SASL_SSL_CA = '' } = process.env
const trust = { NODE_EXTRA_CA_CERTS: TEST_KAFKA_SASL_SSL_CA }
const login = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'products', KAFKA_SASL_PASSWORD: 'secret' }

describe.runIf(TEST_KAFKA_SASL_SSL_SERVERS)('Kafka that asks for SASL over TLS', () => {
  const { env, sql, records } = stage()
  let built: Bundle
  beforeAll(async () => {
    built = await bundle('')
  })
  afterAll(() => built[Symbol.asyncDispose]())

  const start = (bindings: Record<string, string>, environment: Record<string, string>) =>
    startKillableWorker(
      built,
      { ...env, KAFKA_BOOTSTRAP_SERVERS: TEST_KAFKA_SASL_SSL_SERVERS, ...bindings },
      environment,
    )
  async function post(url: string) {
    const began = performance.now()
    const response = await fetch(`${url}products`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"Bulle","price":"24.90","quantity":12}',
    })
    const { id } = (await response.json()) as { id: number }
    return { status: response.status, id: String(id), ms: performance.now() - began }
  }

  test.each(['PLAIN', 'SCRAM-SHA-256'])('gets the events by %s', async (mechanism) => {
    await using worker = await start({ ...login, KAFKA_SASL_MECHANISM: mechanism }, trust)
    const { status, id } = await post(worker.url)
    expect(status).toBe(201)
    await expect.poll(() => records().map(({ key }) => key)).toContain(id)
    await expect.poll(() => pendingEvents(sql)).toBe(0) // or it dies as the publisher, for whose lease the next would wait
  })

  test.each([
    ['a wrong password', { ...login, KAFKA_SASL_PASSWORD: 'wr0ng-s3cret' }, trust, 'KafkaJSSASLAuthenticationError'],
    [
      'a wrong password by SCRAM',
      { ...login, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256', KAFKA_SASL_PASSWORD: 'wr0ng-s3cret' },
      trust,
      'KafkaJSSASLAuthenticationError',
    ],
    ['a certificate that nobody vouches for', login, {}, 'KafkaTLSError'],
    ['no TLS, though it is asked for', { ...login, KAFKA_TLS: 'false' }, trust, 'KafkaJSConnectionClosedError'],
  ])('%s changes no answer; log and health say why, without a secret', async (_, bindings, environment, reason) => {
    await sql`delete from outbox`
    await sql`update outbox_lease set failures = 0, last_error = null, retry_at = '-infinity', expires_at = '-infinity'`
    await using worker = await start(bindings, environment)
    const { status, ms } = await post(worker.url)
    expect(status).toBe(201)
    expect(ms).toBeLessThan(1_000)
    const health = async () => (await fetch(`${worker.url}health`)).text()
    await expect.poll(health).toContain(`"last_error":"${reason}"`)
    await expect.poll(worker.output).toContain('events could not be published')
    expect(worker.output()).toContain(reason)
    expect(await sql`select count(*)::int as pending from outbox`).toEqual([{ pending: 1 }])
    for (const secret of [bindings.KAFKA_SASL_PASSWORD, new URL(env.DATABASE_URL).password + '@'])
      expect(worker.output() + (await health())).not.toContain(secret)
  })
})
