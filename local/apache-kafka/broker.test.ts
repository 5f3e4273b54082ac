import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startApacheKafka } from './broker.ts'

test('where it cannot start it says what it takes, and what was wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'apache-kafka-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  vi.stubEnv('PATH', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const start = startApacheKafka({ folder, port: 1, partitions: 1, log: () => {} })
  await expect(start).rejects.toThrow(
    /^Apache Kafka has not started\. It takes Java 17, Maven and openssl\nspawn bash ENOENT$/,
  )
})
