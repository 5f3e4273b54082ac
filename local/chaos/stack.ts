// Everything that can die, each a process of its own: two Workers on one database, the Neon proxy, Postgres, the nodes
// of Kafka, and what stands between them.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../deploy/migrate.ts'
import { lastingPort } from '../machine/ports.ts'
import { bundle } from '../rig/killable-worker.ts'
import { openGate } from '../rig/gate.ts'
import { startKillablePostgres } from './killable-postgres.ts'
import type { Behaviour } from '../rig/kafka-proxy/behaviour.ts'
import type { Where } from './nodes/nodes.ts'
import { openCluster } from './nodes/open.ts'
import { processGroup } from '../machine/process-group.ts'
import type { Random } from './random.ts'
import { type KafkaProxy, startKafkaProxy } from '../rig/kafka-proxy/proxy.ts'
import { openLedger } from '../rig/kafka-proxy/sendings.ts'
import { startSqlProxy, type SqlProxy } from './sql-proxy.ts'
import { clusterOf, createTopics, deleteTopics } from '../rig/topics.ts'
import { keepHistory } from '../rig/history.ts'

const WORKERS = 2
const WORKER = join(import.meta.dirname, '../rig/worker-process.ts')
const PROXY = join(import.meta.dirname, '../neon-proxy/main.ts')

/** What closes each part, in the order in which they were opened. */
type Opened = (() => Promise<unknown>)[]
export type Stack = Awaited<ReturnType<typeof startStack>>
export type KillableWorker = ReturnType<typeof killableWorker>

/** Resolves when all is ready for requests. `hasAlarms`: each Worker has the relay's alarm, which outlives it. */
export async function startStack(where: Where, random: Random, hasAlarms = true) {
  const opened: Opened = []
  const stop = async () => {
    const ends: PromiseSettledResult<unknown>[] = []
    for (const close of opened.splice(0).reverse()) ends.push(...(await Promise.allSettled([close()])))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'product-api-chaos-'))
    opened.push(() => rm(folder, { recursive: true, force: true }))
    const [built, postgres, cluster] = await settled(
      build(opened),
      openPostgres(join(folder, 'postgres'), opened),
      startCluster(where, folder, opened),
    )
    await migrate(postgres.url)
    await keepHistory(postgres.url)

    const topics = { created: `chaos.created.${crypto.randomUUID()}`, changed: `chaos.changed.${crypto.randomUUID()}` }
    await createTopics(cluster.brokers, Object.values(topics))
    // On nodes of ours they stay, as those are thrown away: Kafka 4.3.1 was seen to let no killed node in again after
    // the deletion of topics that had lived through these faults ("existed in isrMembers, but not in the topics map").
    if (!cluster.nodes) opened.push(() => deleteTopics(cluster.brokers, Object.values(topics)))
    const nodes = await clusterOf(cluster.brokers)

    const port = await lastingPort()
    const proxy = processGroup(PROXY, ['--port', String(port), '--postgres-port', new URL(postgres.url).port])
    opened.push(() => proxy.kill())
    await proxy.start()

    const gate = openGate()
    const lines: { kafka: KafkaProxy; sql: SqlProxy }[] = []
    for (let worker = 0; worker < WORKERS; worker++) {
      const checkpoint = gate.checkpointOf(worker)
      const ledger = openLedger(worker)
      const kafka = await startKafkaProxy(nodes, { random: () => random.next(), checkpoint, ledger })
      opened.push(() => kafka.close())
      const sql = await startSqlProxy(`http://127.0.0.1:${port}/sql`, checkpoint, ledger.batch)
      opened.push(() => sql.close())
      lines.push({ kafka, sql })
    }
    const workers = lines.map(({ kafka, sql }, worker) => {
      const bindings = {
        DATABASE_URL: postgres.url,
        NEON_PROXY_URL: sql.url,
        KAFKA_BOOTSTRAP_SERVERS: kafka.addresses.join(),
        PRODUCTS_TOPIC: topics.created,
        PRODUCTS_CHANGED_TOPIC: topics.changed,
        API_TOKENS: 'none',
      }
      return killableWorker(
        { ...built, bindings, ...(hasAlarms && { alarms: join(folder, `alarms-${worker}`) }) },
        folder,
      )
    })
    opened.push(() => Promise.all(workers.map((worker) => worker.kill())))
    await Promise.all(workers.map((worker) => worker.start()))
    /** How the nodes are to both Workers. */
    const behave = (behaviour: Behaviour) => Promise.all(lines.map(({ kafka }) => kafka.behave(behaviour)))
    /** What the Workers have sent to Kafka. */
    const sendings = () => lines.flatMap(({ kafka }) => kafka.sendings)
    return { workers, proxy, postgres, cluster, behave, gate, sendings, topics, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** One that gets another address with each start: by then its last one may be someone else's. */
function killableWorker(options: object, folder: string) {
  const group = processGroup(WORKER, [JSON.stringify(options)], { TMPDIR: folder }) // a killed Worker removes nothing itself
  let url: string | undefined
  return {
    /** Undefined while it is dead. */
    url: () => url,
    signal: group.signal,
    async start() {
      url = await group.start()
    },
    async kill() {
      url = undefined
      await group.kill()
    },
  }
}

async function build(opened: Opened) {
  const built = await bundle('')
  opened.push(() => built[Symbol.asyncDispose]())
  return built.worker
}

async function openPostgres(folder: string, opened: Opened) {
  const postgres = await startKillablePostgres(folder, await lastingPort())
  opened.push(() => postgres.stop())
  return postgres
}

async function startCluster(where: Where, folder: string, opened: Opened) {
  const cluster = await openCluster(where, folder)
  opened.push(async () => cluster.nodes?.close())
  return cluster
}

/** All of them, or the first error once none is under way any more. */
async function settled<A, B, C>(...parts: [Promise<A>, Promise<B>, Promise<C>]) {
  await Promise.allSettled(parts)
  return Promise.all(parts)
}
