// What the API needs beside itself: Postgres behind a stand-in for Neon's proxy, and Kafka.

import { join } from 'node:path'
import { errorMessage } from './error-message.ts'
import { startKafka } from './kafka/server.ts'
import { lock } from './lock.ts'
import { migrate } from './migrate.ts'
import { startNeonProxy } from './neon-proxy/server.ts'
import { freePort } from './ports.ts'
import { startPostgres } from './postgres/server.ts'

export const PORTS = { postgres: 5432, neonProxy: 4444, kafka: 9092 }
const PARTITIONS = 6 // of a topic: enough for five members of a group to share, and for a seventh to idle

type Log = (message: string) => void
export type Options = { folder: string; ports?: typeof PORTS; log?: Log }

/** `env` leads a Worker to them. DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS in our own environment name others, which are used instead. */
export async function startServices({ folder, ports = PORTS, log = console.log }: Options) {
  const parts = await Promise.allSettled([startDatabase(folder, ports, log), startBroker(folder, ports.kafka, log)])
  const stop = async () => {
    await Promise.all(parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value.stop()] : [])))
  }
  const [database, broker] = parts
  if (database.status === 'fulfilled' && broker.status === 'fulfilled') return { env: { ...database.value.env, ...broker.value.env }, stop }
  await stop()
  throw parts.find((part) => part.status === 'rejected')?.reason
}

async function startDatabase(folder: string, ports: typeof PORTS, log: Log) {
  const opened: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of opened.reverse()) await close()
  }
  try {
    let { DATABASE_URL } = process.env
    if (!DATABASE_URL) {
      const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: ports.postgres, log })
      opened.push(() => postgres.stop())
      DATABASE_URL = postgres.url
    }
    for (const name of await migrate(DATABASE_URL).catch(blameUrl)) log(`Postgres: migrated ${name}`)
    const { hostname, port } = new URL(DATABASE_URL)
    if (hostname.endsWith('.neon.tech')) return { env: { DATABASE_URL, NEON_PROXY_URL: '' }, stop } // it has a proxy of its own
    const proxy = await startNeonProxy({
      port: await freePort('Neon proxy', ports.neonProxy, log),
      postgres: { host: hostname, port: Number(port || 5432) },
    })
    opened.push(() => proxy.close())
    return { env: { DATABASE_URL, NEON_PROXY_URL: proxy.url }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ours is up; a database of the user's may not be. */
function blameUrl(cause: unknown): never {
  throw process.env.DATABASE_URL ? new Error(`DATABASE_URL: ${errorMessage(cause)}`, { cause }) : cause
}

async function startBroker(folder: string, wanted: number, log: Log) {
  const { KAFKA_BOOTSTRAP_SERVERS } = process.env
  if (KAFKA_BOOTSTRAP_SERVERS) return { env: { KAFKA_BOOTSTRAP_SERVERS }, async stop() {} }
  const records = join(folder, 'kafka')
  const holder = await lock(records, () => `process ${process.pid}`)
  if (holder !== undefined) throw new Error(`Kafka: ${records} is in use by ${holder}`)
  const port = await freePort('Kafka', wanted, log)
  const kafka = await startKafka({ ports: [port], folder: records, partitions: PARTITIONS, log })
  return { env: { KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.join() }, stop: () => kafka.close() }
}
