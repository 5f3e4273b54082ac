import { afterAll, beforeAll, inject } from 'vitest'
import { database } from '../../lib/database.ts'
import { createDatabase, dropDatabase } from './databases.ts'
import { openTopic, type Topic } from './topic.ts'

/**
 * A migrated database and a topic of its own for the tests of one file, with the environment that leads a Worker to
 * them.
 */
export function stage() {
  const { NEON_PROXY_URL, KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL } = inject('services')
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`
  const url = new URL(DATABASE_URL)
  url.pathname = `/${name}`
  const env = {
    DATABASE_URL: url.href,
    NEON_PROXY_URL,
    KAFKA_BOOTSTRAP_SERVERS,
    PRODUCTS_TOPIC: name.replace('_', '.'),
    PRODUCTS_CHANGED_TOPIC: name.replace('_', '.changed.'),
    API_TOKENS: 'none',
  }
  const bootstrapServers = KAFKA_BOOTSTRAP_SERVERS.split(',')
  const sql = database(env)
  let topic: Topic

  beforeAll(async () => {
    await createDatabase(DATABASE_URL, name)
    topic = await openTopic(bootstrapServers, env.PRODUCTS_TOPIC)
  })
  afterAll(async () => {
    await topic?.close()
    await dropDatabase(url.href)
  })
  const kafka = { ...env, KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, OUTBOX_MAX_STATEMENTS: 900 }
  return { env, sql, kafka, bootstrapServers, records: () => topic.records, topic: env.PRODUCTS_TOPIC }
}
