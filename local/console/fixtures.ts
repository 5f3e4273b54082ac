// A console for the tests of one file, with a database and topics of its own, and the handlers that a page needs, run
// by Node.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect } from 'vitest'
import changeProduct from '../../functions/change-product.ts'
import createProduct from '../../functions/create-product.ts'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { database } from '../../lib/database.ts'
import { relay } from '../../lib/outbox/relay.ts'
import { APP_NAMES } from '../consumers/consumers.ts'
import { startSupervisor } from '../consumers/supervisor.ts'
import { startKafkaThread } from '../kafka/thread.ts'
import { lastingPort } from '../machine/ports.ts'
import { stage } from '../rig/stage.ts'
import { createTopics } from '../rig/topics.ts'
import { startConsole } from './console.ts'
import { openKafka } from './kafka/client.ts'
import type { State } from './state.ts'
import { portOf } from '../machine/port-of.ts'

const ALARM_RETRY = 1_000 // ms, where the database is away
const PARTITIONS = 3 // of the topics of a stage
const configOf = (env: Record<string, string>) => parseConfig(PublisherConfig, env)

/** What a test can break: a broker of its own, or a way to Postgres that can be cut. */
type Arranged = { env?: Record<string, string>; pauseBroker?: (paused: boolean) => void }

export function openTestConsole(arrange: (env: Record<string, string>) => Promise<Arranged> = async () => ({})) {
  const { env: shared, topic, sql } = stage()
  let env: Record<string, string> = shared
  let supervisor: ReturnType<typeof startSupervisor> | undefined
  let start: (() => ReturnType<typeof startConsole>) | undefined
  let page: Awaited<ReturnType<typeof startConsole>> | undefined
  let api: Awaited<ReturnType<typeof serveHandlers>> | undefined

  beforeAll(async () => {
    const arranged = await arrange(shared)
    env = { ...shared, ...arranged.env }
    api = await serveHandlers(env)
    supervisor = startSupervisor({ env, apps: APP_NAMES })
    const options = {
      port: await lastingPort(), // it is still there after `stop`
      config: configOf(env),
      database: 'database of a test',
      api: { url: api.url },
      supervisor,
      command: 'npm run console',
      ...(arranged.pauseBroker && { pauseBroker: arranged.pauseBroker }),
    }
    start = () => startConsole(options)
    page = await start()
  })
  afterAll(async () => {
    await page?.close()
    await supervisor?.close()
    await api?.close()
  })
  const readState = async () => (await (await fetch(`${page?.url}/api/state`)).json()) as State

  return {
    topic,
    partitions: PARTITIONS,
    sql,
    url: () => page?.url ?? '',
    readState,
    act: (name: string, input?: unknown) => actOn(page?.url ?? '', name, input),
    /** Ends the console; what it gives starts another at the same address. */
    async stop() {
      await page?.close()
      page = undefined
      return async () => (page = await start?.())
    },
    kafka: () => openKafka(configOf(env)),
    brokers: () => configOf(env).KAFKA_BOOTSTRAP_SERVERS,
    /** Resolves when a record is in what the pages are sent. */
    isInState: (place: string) =>
      expect
        .poll(async () =>
          (await readState()).topics.flatMap(({ name, partitions }) =>
            partitions.flatMap(({ partition, records }) =>
              records.map(({ offset }) => `${name}:${partition}:${offset}`),
            ),
          ),
        )
        .toContain(place),
    /** Writes a record, and says where it is. */
    write: async (message: { key: string | null; value: string | null; headers?: Record<string, string> }) => {
      const producer = openKafka(configOf(env)).producer({ createPartitioner: Partitioners.DefaultPartitioner })
      await producer.connect()
      try {
        const [sent] = await producer.send({ topic, messages: [message] })
        return `${topic}:${sent?.partition}:${sent?.baseOffset}`
      } finally {
        await producer.disconnect()
      }
    },
  }
}

/** An action, as the page does it. */
export async function actOn(url: string, name: string, input: unknown = {}) {
  const token = /name="console-token" content="([^"]+)"/.exec(await (await fetch(url)).text())?.[1] ?? ''
  const headers = { origin: url, 'content-type': 'application/json', 'console-token': token }
  const body = JSON.stringify(input)
  const answer = await fetch(`${url}/api/actions/${name}`, { method: 'POST', headers, body })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/**
 * A broker for one console alone, which can be paused, and whose groups are nobody else's. It is closed after the
 * console.
 */
export function ownBroker() {
  let broker: Awaited<ReturnType<typeof startKafkaThread>> | undefined
  afterAll(() => broker?.close())
  return async ({ PRODUCTS_TOPIC = '', PRODUCTS_CHANGED_TOPIC = '' }: Record<string, string>): Promise<Arranged> => {
    const { brokers, pause } = (broker = await startKafkaThread({ ports: [0] }))
    await createTopics(brokers, [PRODUCTS_TOPIC, PRODUCTS_CHANGED_TOPIC])
    return { env: { KAFKA_BOOTSTRAP_SERVERS: brokers.join() }, pauseBroker: pause }
  }
}

/** The relay's alarm, by timers of this process: what a publisher leaves behind is nobody else's to publish. */
function openAlarm(env: Record<string, string>) {
  const config = configOf(env)
  const sql = database(config)
  let closed = false
  const timers = new Set<NodeJS.Timeout>()
  const arm = async (ms: number) => {
    if (closed) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      relay(sql, config).then(
        (again) => (again === undefined ? undefined : arm(again)),
        () => arm(ALARM_RETRY),
      )
    }, ms)
    timers.add(timer)
  }
  return {
    binding: { getByName: () => ({ arm }) },
    close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** POST and PATCH of products, with what is left to do after an answer awaited at the end. */
export async function serveHandlers(env: Record<string, string>) {
  const left = new Set<Promise<unknown>>()
  const alarm = openAlarm(env)
  const context = { waitUntil: (work: Promise<unknown>) => void left.add(work), passThroughOnException() {}, props: {} }
  const server = createServer((asked, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of asked) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
      const request = new Request(`http://127.0.0.1${asked.url}`, {
        method: asked.method ?? 'GET',
        headers: { 'content-type': asked.headers['content-type'] ?? '' },
        body: Buffer.concat(chunks),
      })
      const handler = asked.method === 'PATCH' ? changeProduct : createProduct
      const answer = await handler.fetch(request, { ...env, OUTBOX_ALARM: alarm.binding }, context)
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      server.closeAllConnections()
      server.close()
      alarm.close()
      await Promise.allSettled(left)
    },
  }
}
