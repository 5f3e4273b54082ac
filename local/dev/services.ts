// What the API needs beside itself: Postgres behind a stand-in for Neon's proxy, and Kafka.

import { join } from 'node:path'
import { closeInTime } from './close.ts'
import { startApacheKafka, STOP_MS as APACHE_KAFKA_STOP_MS } from '../apache-kafka/broker.ts'
import { errorMessage } from '../machine/error-message.ts'
import { startKafkaThread } from '../kafka/thread.ts'
import { lock } from '../machine/lock.ts'
import { sayIfLate } from '../machine/late.ts'
import { migrate } from '../deploy/migrate.ts'
import type { NamedServices } from './named-services.ts'
import { startNeonProxy } from '../neon-proxy/server.ts'
import { freePort } from '../machine/ports.ts'
import { PORTS } from './ports.ts'
import { urlFor } from '../postgres/logins.ts'
import { startPostgres } from '../postgres/server.ts'
import { STOP_MS as POSTGRES_STOP_MS } from '../postgres/halt.ts'

const PARTITIONS = 6 // of a topic: enough for five members of a group to share, and for a seventh to idle
const MIGRATE_MS = 10_000

type Log = (message: string) => void
type Ports = Pick<typeof PORTS, 'postgres' | 'neonProxy' | 'kafka'>
export type Options = {
  folder: string
  named?: NamedServices
  ports?: Ports
  apacheKafka?: boolean
  log?: Log
}

/**
 * `env` leads to them, as the owner of the tables; `roles` are the databases of Workers that write and that read, which
 * in a database of ours have roles of their own. Those that are `named` are used in place of ours; our own environment
 * names none. The broker is the emulator unless it is asked to be Apache's. `pauseBroker` stops the emulator from
 * answering, and lets it go on.
 */
export async function startServices({
  folder,
  named = {},
  ports = PORTS,
  apacheKafka = false,
  log = console.log,
}: Options) {
  const parts = await Promise.allSettled([
    startDatabase(named, folder, ports, log),
    startBroker(named, folder, ports.kafka, apacheKafka, log),
  ])
  const stop = async () => {
    await Promise.all(parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value.stop()] : [])))
  }
  const [database, broker] = parts
  if (database.status === 'fulfilled' && broker.status === 'fulfilled') {
    const { env, pause } = broker.value
    const { env: databaseEnv, roles } = database.value
    return { env: { ...databaseEnv, ...env }, roles, stop, ...(pause && { pauseBroker: pause }) }
  }
  await stop()
  throw parts.find((part) => part.status === 'rejected')?.reason
}

async function startDatabase(named: NamedServices, folder: string, ports: Ports, log: Log) {
  const opened: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of opened.reverse()) await close()
  }
  try {
    let { DATABASE_URL } = named
    if (!DATABASE_URL) {
      const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: ports.postgres, log })
      opened.push(() => closeInTime('Postgres', () => postgres.stop(), log, POSTGRES_STOP_MS))
      DATABASE_URL = postgres.url
    }
    const migrated = migrate(DATABASE_URL).catch((cause) => blameUrl(named, cause))
    const waits = () =>
      log('Postgres: the migration has not ended yet. Another one may hold its lock, or a session a lock on a table')
    for (const name of await sayIfLate(migrated, MIGRATE_MS, waits)) log(`Postgres: migrated ${name}`)
    const { hostname, port } = new URL(DATABASE_URL)
    const roles = named.DATABASE_URL
      ? { writer: DATABASE_URL, reader: DATABASE_URL }
      : { writer: urlFor('writer', DATABASE_URL), reader: urlFor('reader', DATABASE_URL) }
    if (hostname.endsWith('.neon.tech')) return { env: { DATABASE_URL, NEON_PROXY_URL: '' }, roles, stop } // it has a proxy of its own
    const proxy = await startNeonProxy({
      port: await freePort('Neon proxy', ports.neonProxy, log),
      postgres: { host: hostname, port: Number(port || 5432) },
    })
    opened.push(() => closeInTime('Neon proxy', () => proxy.close(), log))
    return { env: { DATABASE_URL, NEON_PROXY_URL: proxy.url }, roles, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ours is up; a database of the user's may not be. */
function blameUrl(named: NamedServices, cause: unknown): never {
  throw named.DATABASE_URL ? new Error(`DATABASE_URL: ${errorMessage(cause)}`, { cause }) : cause
}

async function startBroker(
  { KAFKA_BOOTSTRAP_SERVERS }: NamedServices,
  folder: string,
  wanted: number,
  apacheKafka: boolean,
  log: Log,
) {
  if (KAFKA_BOOTSTRAP_SERVERS) return { env: { KAFKA_BOOTSTRAP_SERVERS }, async stop() {}, pause: undefined }
  if (apacheKafka) {
    const options = { folder: join(folder, 'apache-kafka'), port: wanted, partitions: PARTITIONS, log }
    const { broker, stop } = await startApacheKafka(options)
    const close = () => closeInTime('Apache Kafka', stop, log, APACHE_KAFKA_STOP_MS)
    return { env: { KAFKA_BOOTSTRAP_SERVERS: broker }, stop: close, pause: undefined }
  }
  const records = join(folder, 'kafka')
  const holder = await lock(records, () => `process ${process.pid}`)
  if (holder !== undefined) throw new Error(`Kafka: ${records} is in use by ${holder}`)
  const port = await freePort('Kafka', wanted, log)
  const kafka = await startKafkaThread({ ports: [port], folder: records, partitions: PARTITIONS, log })
  return {
    env: { KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.join() },
    pause: kafka.pause,
    stop: () => closeInTime('Kafka', () => kafka.close(), log),
  }
}
