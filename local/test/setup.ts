import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startServices } from '../services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: Awaited<ReturnType<typeof startServices>>['env']
  }
}

/** One Postgres, one proxy and one broker for all test files; KAFKA_BOOTSTRAP_SERVERS in the environment replaces the broker. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-test-'))
  const services = await startServices({ folder, ports: { postgres: 0, neonProxy: 0, kafka: 0 }, log: () => {} })
  project.provide('services', services.env)
  return async () => {
    await services.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
