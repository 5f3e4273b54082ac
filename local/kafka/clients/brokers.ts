// The two that are compared: Apache Kafka, and the local one in a process of its own, on a folder.

import { join } from 'node:path'
import { startApacheKafka } from '../../apache-kafka/broker.ts'
import { freePort, lastingPort } from '../../machine/ports.ts'
import { processGroup } from '../../machine/process-group.ts'
import { run } from './run.ts'

const SCRIPT = join(import.meta.dirname, '../../apache-kafka/kafka')

export type Broker = {
  name: string
  address: string
  /** SIGKILL, and a start on what it had. */
  killed?: () => Promise<unknown>
  stop: () => Promise<void>
}

export async function startBrokers(folder: string): Promise<[Broker, Broker]> {
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
    return { name: 'Apache Kafka', address, stop: async () => void (await kafka('stop')) }
  },
  () => startOurs(join(folder, 'ours'), 3),
]

async function startReal(folder: string): Promise<Broker> {
  const { broker, stop } = await startApacheKafka({ folder, port: await threePorts(), partitions: 3, log: () => {} })
  return { name: 'Apache Kafka', address: broker, stop }
}

async function startOurs(folder: string, nodes = 1): Promise<Broker> {
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
    killed,
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
