// The two that are compared: Apache Kafka, and the local one in a process of its own, on a folder.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startApacheKafka } from '../../apache-kafka/broker.ts'
import { freePort, lastingPort } from '../../machine/ports.ts'
import { processGroup } from '../../machine/process-group.ts'
import { run } from './run.ts'

const SCRIPT = join(import.meta.dirname, '../../apache-kafka/kafka')

export type Broker = {
  name: string
  address: string
  pid: () => number // of one of its processes, where there are several
  /** SIGKILL, and a start on what it had. */
  killed?: () => Promise<unknown>
  stop: () => Promise<void>
}

/** `start` is for after a `stop`, on what it had. */
export type LocalKafka = Broker & { start: () => Promise<unknown> }

export async function startBrokers(folder: string): Promise<[Broker, LocalKafka]> {
  const ours = await startOurs(join(folder, 'ours'))
  try {
    return [await startReal(join(folder, 'real')), ours]
  } catch (error) {
    await ours.stop()
    throw error
  }
}

/** Three nodes of each, one after the other, as both together are much for a laptop. */
export const startThreeNodes = (folder: string): (() => Promise<Broker>)[] => [
  async () => {
    const port = String(await lastingPort())
    const kafka = (verb: string) => run('bash', [SCRIPT, verb, port, '3'], { env: { APACHE_KAFKA_DATA: folder } })
    await kafka('start')
    const address = (await run('bash', [SCRIPT, 'brokers', port], { env: { APACHE_KAFKA_DATA: folder } })).trim()
    return {
      name: 'Apache Kafka',
      address,
      pid: () => pidOf(folder, port),
      stop: async () => void (await kafka('stop')),
    }
  },
  () => startOurs(join(folder, 'ours'), 3),
]

async function startReal(folder: string): Promise<Broker> {
  const port = await threePorts()
  const { broker, stop } = await startApacheKafka({ folder, port, partitions: 3, log: () => {} })
  return { name: 'Apache Kafka', address: broker, pid: () => pidOf(folder, port), stop }
}

/** As the script that starts Apache Kafka keeps it. */
const pidOf = (folder: string, port: number | string) =>
  Number(readFileSync(join(folder, `${port}`, '1', 'pid'), 'utf8'))

async function startOurs(folder: string, nodes = 1): Promise<LocalKafka> {
  const port = await lastingPort()
  const places = ['--port', `${port}`, '--data', folder, '--nodes', `${nodes}`, '--partitions', '3']
  const broker = processGroup(join(import.meta.dirname, '../main.ts'), places)
  await broker.start()
  const killed = async () => {
    await broker.kill()
    await broker.start()
  }
  return {
    name: 'the local Kafka',
    address: Array.from({ length: nodes }, (_, node) => `127.0.0.1:${port + node}`).join(),
    pid: broker.pid,
    killed,
    start: () => broker.start(),
    stop: () => broker.kill(),
  }
}

/** Apache Kafka takes the two that follow as well. */
async function threePorts(): Promise<number> {
  const port = await lastingPort()
  const next = [port + 1, port + 2]
  const free = await Promise.all(next.map((each) => freePort('', each, () => {})))
  return free.every((each, n) => each === next[n]) ? port : threePorts()
}
