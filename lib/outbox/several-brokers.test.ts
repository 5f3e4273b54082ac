// Events that go to a cluster of several brokers, not all of which can be reached.

import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { readTopics } from '../../local/rig/read-topics.ts'
import { makeCertificate } from '../../local/rig/certificate.ts'
import { startCluster } from '../../local/rig/kafka-nodes.ts'
import type { Options } from '../../local/rig/kafka-proxy/doors.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { openProducer } from '../kafka/producer.ts'
import { drain } from './drain.ts'
import { outboxHealth } from './health.ts'
import { newIsolate } from './isolate.ts'

const { sql, kafka, topic } = stage()

const logged = vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeEach(async () => {
  logged.mockClear()
  await emptyOutbox(sql)
})

async function cluster(nodes: number, options: Options = {}) {
  const cluster = await startCluster(topic, nodes, options)
  onTestFinished(() => cluster[Symbol.asyncDispose]())
  const records = () => readTopics(cluster.brokers, [topic])
  return { ...cluster, records, config: { ...kafka, KAFKA_BOOTSTRAP_SERVERS: cluster.doors.addresses } }
}
const idsOf = (records: { headers: Record<string, string> }[]) =>
  records.map(({ headers }) => headers.ce_id ?? '').toSorted()
const lease = async () => (await sql`select token, failures, retry_at > now() as backoff from outbox_lease`)[0]

test.each([{ distance: 0 }, { distance: 20 }])(
  'nine leaders get all that is theirs by five sockets, of which none is left: %o',
  ANEW_IF_BUSY,
  async (options) => {
    const { doors, config, records } = await cluster(9, options)
    const ids = await insertEvents(sql, 8_000, { keys: 200 }) // three batches
    await drain(sql, config, newIsolate())
    expect(await pendingEvents(sql)).toBe(0)
    const own = new Set(ids)
    expect(idsOf(await records()).filter((id) => own.has(id))).toEqual(ids.toSorted())
    expect(logged).not.toHaveBeenCalled() // nothing was held back, not even for a moment
    expect(doors.accepted().every((count) => count > 0)).toBe(true)
    expect(doors.most()).toBe(5)
    await expect.poll(doors.open).toBe(0)
  },
)

test.each(['silent', 'refusing'] as const)(
  'a leader that is %s holds back its own partition, and nothing else',
  ANEW_IF_BUSY,
  async (behaviour) => {
    const { doors, config, records } = await cluster(3)
    const AWAY = 1
    await doors.behave(AWAY, behaviour)
    const ids = await insertEvents(sql, 300, { keys: 50 })
    const drained = drain(sql, config, newIsolate())
    await expect.poll(() => sql`select distinct target from outbox`).toEqual([{ target: `${topic}:${AWAY}` }])
    expect(await sql`select target from outbox_held`).toEqual([{ target: `${topic}:${AWAY}` }])
    expect(await lease()).toMatchObject({ failures: 0, backoff: false })
    const others = await records()
    expect(new Set(others.map(({ partition }) => partition))).toEqual(new Set([0, 2]))
    expect(others.length + (await pendingEvents(sql))).toBe(ids.length)

    const later = await insertEvents(sql, 50, { keys: 50 }) // those of the held partition go behind those that wait
    await doors.behave(AWAY, 'kind')
    await drained
    await sql`update outbox_held set retry_at = now() - interval '1 ms'`
    await drain(sql, config, newIsolate())
    expect(await pendingEvents(sql)).toBe(0)
    const all = await records()
    expect(idsOf(all)).toEqual([...ids, ...later].toSorted())
    const order = [...ids, ...later]
    for (const partition of [0, 1, 2]) {
      const places = all
        .filter((record) => record.partition === partition)
        .map(({ headers }) => order.indexOf(headers.ce_id ?? ''))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
    }
  },
)

test(
  'bootstrap servers that have not had their turn do not take the socket of the one that answers',
  ANEW_IF_BUSY,
  async () => {
    const { doors, config } = await cluster(6)
    doors.welcomeAfter(1_500) // longer than it takes until the sixth is to be asked, for which there is no socket
    const producer = openProducer(config)
    await producer.describe([topic])
    await producer.close()
    expect(doors.accepted().filter((count) => count === 0).length).toBe(1)
    expect(Math.max(...doors.accepted())).toBe(1)
  },
)

test(
  'a password goes over TLS to brokers that are known by their addresses, and a wrong one is told of',
  ANEW_IF_BUSY,
  async () => {
    await using certificate = await makeCertificate()
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, certificate.cert])
    onTestFinished(() => setDefaultCACertificates(trusted))
    const login = { username: 'products', password: 'secret' }
    const { config, records } = await cluster(3, { tls: certificate, login })
    const sasl = { ...config, KAFKA_SASL_MECHANISM: 'plain' as const, KAFKA_SASL_USERNAME: login.username }
    const ids = await insertEvents(sql, 30)
    await drain(sql, { ...sasl, KAFKA_SASL_PASSWORD: 'wr0ng' }, newIsolate())
    expect(await outboxHealth(sql)).toMatchObject({ pending: 30, last_error: 'KafkaJSSASLAuthenticationError' })
    await drain(sql, { ...sasl, KAFKA_SASL_PASSWORD: login.password }, newIsolate())
    expect(idsOf(await records())).toEqual(ids.toSorted())
  },
)

describe('an isolate that reaches no broker', ANEW_IF_BUSY, () => {
  test('keeps nobody else from trying, however often it fails', async () => {
    const { config } = await cluster(3)
    await using dead = await startUnkindBroker('hanging up')
    const unlucky = newIsolate()
    await insertEvents(sql, 30)
    for (let times = 0; times < 3; times++) {
      const began = Date.now()
      await drain(sql, { ...config, KAFKA_BOOTSTRAP_SERVERS: [dead.address] }, unlucky)
      expect(await lease()).toMatchObject({ failures: 1, backoff: false })
      expect(unlucky.backoffUntil).toBeGreaterThanOrEqual(began + 1_000)
      unlucky.backoffUntil = 0 // as if that time were over
    }
    await drain(sql, config, newIsolate())
    expect(await pendingEvents(sql)).toBe(0)
    expect(await lease()).toMatchObject({ failures: 0, backoff: false })
  })

  test('makes everybody wait where another was the last to fail', async () => {
    const { config, doors } = await cluster(3)
    await using dead = await startUnkindBroker('hanging up')
    await insertEvents(sql, 30)
    for (let isolates = 0; isolates < 2; isolates++)
      await drain(sql, { ...config, KAFKA_BOOTSTRAP_SERVERS: [dead.address] }, newIsolate())
    expect(await lease()).toMatchObject({ failures: 2 })
    expect(await sql`select retry_at > '-infinity' as told from outbox_lease`).toEqual([{ told: true }])
    await sql`update outbox_lease set retry_at = now() + interval '1 hour'` // the second that it is may be over by now
    const third = newIsolate()
    await drain(sql, config, third)
    expect(third.backoffUntil).toBeGreaterThan(Date.now())
    expect(await pendingEvents(sql)).toBe(30)
    expect(doors.accepted()).toEqual([0, 0, 0])

    await sql`update outbox_lease set retry_at = now() - interval '1 ms'`
    await drain(sql, config, newIsolate())
    expect(await pendingEvents(sql)).toBe(0)
  })
})

test(
  'a publisher that connects for longer than a lease lasts keeps the lease, and nobody else takes over',
  ANEW_IF_BUSY,
  async () => {
    const { doors, config, records } = await cluster(3)
    const one = { ...config, KAFKA_BOOTSTRAP_SERVERS: doors.addresses.slice(0, 1) }
    doors.welcomeAfter(3_200) // it, and then the two others: after its batch has run out of time, and before connecting has
    const ids = await insertEvents(sql, 30)
    const before = await lease()
    const drained = drain(sql, one, newIsolate())
    await expect.poll(async () => (await lease())?.token).not.toBe(before?.token)
    const tokens = new Set<unknown>()
    while (await pendingEvents(sql)) {
      tokens.add((await lease())?.token)
      await drain(sql, one, newIsolate()) // would connect on its own if it could take over
    }
    await drained
    expect(tokens.size).toBeGreaterThan(2) // the lease was renewed, twice at least
    expect(doors.accepted()).toEqual([1, 1, 1])
    expect(idsOf(await records())).toEqual(ids.toSorted()) // each once
    expect(logged).not.toHaveBeenCalled()
  },
)
