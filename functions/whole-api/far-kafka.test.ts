// A managed Kafka on another continent: six brokers, 300 ms for each way and back, a password over TLS.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { readTopics } from '../../local/rig/read-topics.ts'
import { makeCertificate } from '../../local/rig/certificate.ts'
import { startCluster } from '../../local/rig/kafka-nodes.ts'
import { type Bundle, bundle, startKillableWorker } from '../../local/rig/killable-worker.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'

const { env, sql, topic } = stage()
let built: Bundle
let certificate: Awaited<ReturnType<typeof makeCertificate>>
beforeAll(async () => {
  built = await bundle('create-product')
  certificate = await makeCertificate()
})
afterAll(() => Promise.all([built[Symbol.asyncDispose](), certificate[Symbol.asyncDispose]()]))

async function start(nodes: number, distance: number) {
  await emptyOutbox(sql)
  const login = { username: 'products', password: 'secret' }
  const cluster = await startCluster(topic, nodes, { distance, tls: certificate, login })
  onTestFinished(() => cluster[Symbol.asyncDispose]())
  const bindings = {
    ...env,
    KAFKA_BOOTSTRAP_SERVERS: cluster.doors.addresses.join(),
    KAFKA_SASL_MECHANISM: 'PLAIN',
    KAFKA_SASL_USERNAME: login.username,
    KAFKA_SASL_PASSWORD: login.password,
  }
  const worker = await startKillableWorker(built, bindings, { NODE_EXTRA_CA_CERTS: certificate.file })
  onTestFinished(() => worker.kill())
  const arrived = async () => (await readTopics(cluster.brokers, [topic])).map(({ headers }) => headers.ce_id ?? '')
  return { ...cluster, worker, arrived }
}

/** Asks for a publisher again where a busy machine takes longer than one may live: without a timer nobody goes on. */
function emptying(url: string) {
  let posts = 0
  return async () => {
    const [lease] = await sql`select expires_at < now() as free, token::int as statements from outbox_lease`
    const pending = await pendingEvents(sql)
    if (pending > 0 && lease?.free && ++posts) await post(url)
    return { pending, statements: Number(lease?.statements), posts }
  }
}

async function post(url: string) {
  const body = '{"name":"Bulle","price":"24.90","quantity":12}'
  const response = await fetch(`${url}products`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(201)
}

test('10,000 events go there in few batches, with the event of a POST, by five sockets at most', async () => {
  const { doors, worker, arrived } = await start(6, 150)
  const ids = await insertEvents(sql, 10_000, { keys: 1_000, size: 300 })
  const look = emptying(worker.url)
  await expect.poll(look, { interval: 100 }).toMatchObject({ pending: 0 })
  const { statements, posts } = await look()
  expect(statements).toBeLessThan(10 + 10 * posts) // of 500 events and more each
  const there = new Set(await arrived())
  expect(there.size).toBe(10_000 + posts)
  expect(ids.filter((id) => !there.has(id))).toEqual([])
  expect(doors.most()).toBeLessThanOrEqual(5 * posts) // the next publisher may begin while the one before is closing its sockets
  await expect.poll(doors.open).toBe(0)
})

test('nine leaders near by get what is theirs by five sockets at most, of which none is left', async () => {
  const { doors, worker, arrived } = await start(9, 0)
  const ids = await insertEvents(sql, 2_000, { keys: 200 })
  const look = emptying(worker.url)
  await expect.poll(look, { interval: 100 }).toMatchObject({ pending: 0 })
  const { posts } = await look()
  const there = new Set(await arrived())
  expect(ids.filter((id) => !there.has(id))).toEqual([])
  expect(doors.accepted().every((count) => count > 0)).toBe(true)
  expect(doors.most()).toBeGreaterThanOrEqual(5)
  expect(doors.most()).toBeLessThanOrEqual(5 * posts)
  await expect.poll(doors.open).toBe(0)
})
