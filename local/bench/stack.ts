// What is measured, and against what: each Worker in a workerd of its own, the proxy and the broker in processes of
// their own, so that their CPU can be told apart.

import { database } from '../../lib/database.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processGroup } from '../machine/process-group.ts'
import { startKafkaProxy } from '../rig/kafka-proxy/proxy.ts'
import { clusterOf, createTopics } from '../rig/topics.ts'
import { query } from '../rig/history.ts'
import { createDatabase } from '../rig/databases.ts'
import { migrate } from '../deploy/migrate.ts'
import { lastingPort } from '../machine/ports.ts'
import { findRunning } from '../postgres/running.ts'
import { startPostgres } from '../postgres/server.ts'
import { bundle } from '../rig/killable-worker.ts'
import { startWorkerd } from './workerd.ts'

const PROGRAM = (path: string) => join(import.meta.dirname, '..', path)
const WORKER = (name: string) => join(import.meta.dirname, 'workers', `${name}.ts`)
const NOBODY = '127.0.0.1:1'
const UNPUBLISHED = ['bench_events', 'bench_unpublished'] as const // databases whose outbox nobody empties

export type Stack = Awaited<ReturnType<typeof startStack>>

/** Resolves when all of it answers. */
export async function startStack() {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'product-api-bench-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))

  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  opened.defer(() => postgres.stop())
  await migrate(postgres.url)
  const start = async (script: string, args: string[]) => {
    const group = processGroup(PROGRAM(script), args)
    opened.defer(() => group.kill())
    await group.start()
    return group.pid()
  }
  const [proxyPort, kafkaPort] = [await lastingPort(), await lastingPort()]
  const proxy = await start('neon-proxy/main.ts', [
    '--port',
    `${proxyPort}`,
    '--postgres-port',
    new URL(postgres.url).port,
  ])
  const kafka = await start('kafka/main.ts', ['--port', `${kafkaPort}`, '--data', join(folder, 'kafka')])
  const brokers = [`127.0.0.1:${kafkaPort}`]
  const topics = { PRODUCTS_TOPIC: 'products.created', PRODUCTS_CHANGED_TOPIC: 'products.changed' }
  await createTopics(brokers, [...Object.values(topics), 'bench'])
  const counting = await startKafkaProxy(await clusterOf(brokers))
  opened.defer(() => counting.close())

  const urlOf = (database: string) => Object.assign(new URL(postgres.url), { pathname: `/${database}` }).href
  const env = (database: string, servers: string) => ({
    DATABASE_URL: urlOf(database),
    NEON_PROXY_URL: `http://127.0.0.1:${proxyPort}/sql`,
    KAFKA_BOOTSTRAP_SERVERS: servers,
    API_TOKENS: 'none',
  })
  const own = new URL(postgres.url).pathname.slice(1)
  const worker = async (script: string | undefined, bindings: Record<string, string>) => {
    const built = opened.use(await bundle('', script))
    return opened.use(await startWorkerd(built, bindings))
  }
  for (const name of ['bench_counted', 'bench_dead', 'bench_rival', ...UNPUBLISHED])
    await createDatabase(postgres.url, name)
  const stack = {
    api: await worker(undefined, env(own, brokers.join())),
    counted: await worker(undefined, env('bench_counted', counting.addresses.join())),
    dead: await worker(undefined, env('bench_dead', NOBODY)),
    noop: await worker(WORKER('noop'), {}),
    subrequest: await worker(WORKER('subrequest'), env(own, '')),
    insert: await worker(WORKER('insert'), env('bench_rival', '')),
    insertWithEvent: await worker(WORKER('insert-with-event'), { ...env(UNPUBLISHED[0], ''), ...topics }),
    unpublished: await worker(WORKER('unpublished'), env(UNPUBLISHED[1], brokers.join())),
    rival: await worker(WORKER('producer-per-request'), {
      ...env('bench_rival', brokers.join()),
      PRODUCTS_TOPIC: 'bench',
    }),
    connections: () => counting.accepted(),
    /** Empties the outboxes that nobody publishes: their size must not slow down a later round. */
    forgetUnpublished: () => Promise.all(UNPUBLISHED.map((name) => query(urlOf(name), 'truncate outbox'))),
    databaseUrl: postgres.url,
    unused: database(env('bench_rival', '')), // its outbox
    pids: { proxy, kafka, postgres: (await findRunning(join(folder, 'postgres', 'cluster')))?.pid ?? 0 },
  }
  const all = opened.move()
  return { ...stack, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
