import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { VARIABLES } from '../dev/configs.ts'
import { startServices } from '../dev/services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: Awaited<ReturnType<typeof startServices>>['env']
    /** Whether Workers have roles of their own in our Postgres. */
    hasRoles: boolean
  }
}

/**
 * One Postgres, one proxy and one broker for all test files. TEST_DATABASE_URL and TEST_KAFKA_BOOTSTRAP_SERVERS take
 * their place: tests fill what they are given, so what the shell has for other commands is never theirs, and they do
 * not even see it.
 */
export default async function setup(project: Pick<TestProject, 'provide'>) {
  for (const name of [...VARIABLES, 'CLOUDFLARE_ENV', 'NODE_USE_ENV_PROXY']) delete process.env[name]
  const named = {
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    KAFKA_BOOTSTRAP_SERVERS: process.env.TEST_KAFKA_BOOTSTRAP_SERVERS,
  }
  const folder = await mkdtemp(join(tmpdir(), 'product-api-test-'))
  const services = await startServices({ folder, named, ports: { postgres: 0, neonProxy: 0, kafka: 0 }, log: () => {} })
  project.provide('services', services.env)
  project.provide('hasRoles', services.roles.writer !== services.env.DATABASE_URL)
  return async () => {
    await services.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
