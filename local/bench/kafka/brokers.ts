import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokers } from '../../kafka/clients/brokers.ts'

/** The local Kafka and Apache Kafka, in a folder that is gone afterwards. */
export async function openBrokers() {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const [apache, local] = await startBrokers(folder)
  cleanup.defer(local.stop)
  cleanup.defer(apache.stop)
  const disposables = cleanup.move()
  return { local, apache, [Symbol.asyncDispose]: () => disposables.disposeAsync() }
}
