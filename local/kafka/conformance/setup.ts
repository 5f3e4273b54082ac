// For this folder alone: ours in a thread, or the broker that is named. No Postgres.

import type { TestProject } from 'vitest/node'
import { startKafkaThread } from '../thread.ts'

const NONE = { DATABASE_URL: '', NEON_PROXY_URL: '' }

export default async function setup(project: Pick<TestProject, 'provide'>) {
  const named = process.env.TEST_KAFKA_BOOTSTRAP_SERVERS
  const kafka = named ? undefined : await startKafkaThread({ ports: [0], log: () => {} })
  project.provide('services', { ...NONE, KAFKA_BOOTSTRAP_SERVERS: named ?? kafka?.brokers.join() ?? '' })
  return () => kafka?.close()
}
