// What every measurement runs on: Postgres, the proxy and the broker in processes of their own, and Workers each in a
// workerd of its own, so that their CPU can be told apart.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../deploy/migrate.ts'
import { lastingPort } from '../machine/ports.ts'
import { processGroup } from '../machine/process-group.ts'
import { findRunning } from '../postgres/running.ts'
import { startPostgres } from '../postgres/server.ts'
import { createDatabase } from '../rig/databases.ts'
import { bundle, type Bundle } from '../rig/killable-worker.ts'
import { createTopics } from '../rig/topics.ts'
import { startWorkerd } from './workerd.ts'

const PROGRAM = (path: string) => join(import.meta.dirname, '..', path)
const WORKER = (name: string) => join(import.meta.dirname, 'workers', `${name}.ts`)

const BINDS_NOTHING = 'describe-api' // an environment of wrangler.toml

export const NOBODY = '127.0.0.1:1' // where no broker is
export const TOPICS = { PRODUCTS_TOPIC: 'products.created', PRODUCTS_CHANGED_TOPIC: 'products.changed' }

export type Services = Awaited<ReturnType<typeof startServices>>

/** Resolves when they answer. */
export async function startServices() {
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
  const postgresPort = new URL(postgres.url).port
  const proxy = await start('neon-proxy/main.ts', ['--port', `${proxyPort}`, '--postgres-port', postgresPort])
  const kafka = await start('kafka/main.ts', ['--port', `${kafkaPort}`, '--data', join(folder, 'kafka')])
  const brokers = `127.0.0.1:${kafkaPort}`
  await createTopics([brokers], [...Object.values(TOPICS), 'bench'])

  const bundles = new Map<string, Promise<Bundle>>()
  const parts = opened.move()
  const urlOf = (url: string, database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).href
  return {
    brokers,
    pids: { proxy, kafka, postgres: (await findRunning(join(folder, 'postgres', 'cluster')))?.pid ?? 0 },
    databaseUrl: postgres.url,
    urlOf: (database: string) => urlOf(postgres.url, database),
    /** Of the role that may leave out triggers and foreign keys. */
    superuserUrlOf: (database: string) => urlOf(postgres.superuserUrl, database),
    createDatabase: (name: string) => createDatabase(postgres.url, name),
    /** What a handler is told. */
    env: (databaseUrl: string, servers = brokers) => ({
      DATABASE_URL: databaseUrl,
      NEON_PROXY_URL: `http://127.0.0.1:${proxyPort}/sql`,
      KAFKA_BOOTSTRAP_SERVERS: servers,
      API_TOKENS: 'none',
    }),
    /** The whole API, or one of `workers/` by its name. */
    async startWorker(name: string, bindings: Record<string, string>) {
      const make = () => (name === 'api' ? bundle('') : bundle(BINDS_NOTHING, WORKER(name)))
      const built = bundles.get(name) ?? make().then((made) => parts.use(made))
      bundles.set(name, built)
      return parts.use(await startWorkerd(await built, bindings))
    },
    use: <T extends AsyncDisposable>(part: T) => parts.use(part),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
