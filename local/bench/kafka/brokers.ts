// The local Kafka and Apache Kafka, each in a process of its own on a folder of its own.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApacheKafka } from '../../apache-kafka/broker.ts'
import { lastingPort } from '../../machine/ports.ts'
import { processGroup } from '../../machine/process-group.ts'

const MAIN = join(import.meta.dirname, '../../kafka/main.ts')
const PARTITIONS = 3

type Brokers = Awaited<ReturnType<typeof startBrokers>>
export type LocalKafka = Brokers['local']
export type Broker = Brokers['local' | 'apache']

export async function startBrokers() {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const local = await startLocalKafka(join(folder, 'local'))
  cleanup.defer(local.stop)
  const apache = await startApache(join(folder, 'apache'))
  cleanup.defer(apache.stop)
  const disposables = cleanup.move()
  return { local, apache, [Symbol.asyncDispose]: () => disposables.disposeAsync() }
}

async function startLocalKafka(data: string) {
  const port = await lastingPort()
  const program = processGroup(MAIN, ['--port', `${port}`, '--data', data, '--partitions', `${PARTITIONS}`])
  await program.start()
  return { name: 'local Kafka', address: `127.0.0.1:${port}`, ...program, stop: () => program.kill() }
}

async function startApache(folder: string) {
  const port = await lastingPort()
  const { broker, stop } = await startApacheKafka({ folder, port, partitions: PARTITIONS, log: () => {} })
  const pid = Number(await readFile(join(folder, `${port}`, '1', 'pid'), 'utf8'))
  return { name: 'Apache Kafka', address: broker, pid: () => pid, stop }
}
