// Brings a database to the newest schema: `npm run migrate`, or on its own against Neon, `DATABASE_URL=postgresql://… npm run migrate`.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { runner } from 'node-pg-migrate'
import { newClient } from '../machine/pg-client.ts'
import { errorMessage } from '../machine/error-message.ts'

export const MIGRATIONS = join(import.meta.dirname, '../../lib/migrations')
const ENV_FILE = join(import.meta.dirname, '../../.env')

/** Runs what has not been run yet, one at a time however many call this, and gives the names. */
export async function migrate(databaseUrl: string) {
  const client = newClient(unpooled(databaseUrl))
  client.on('error', () => {}) // the query that it breaks fails anyway
  await client.connect()
  try {
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      ignorePattern: String.raw`.*(?<!\.sql)`,
      migrationsTable: 'pgmigrations',
      direction: 'up',
      advisoryLockMode: 'wait',
      logger: { info() {}, warn: console.warn, error: console.error }, // an error shows the place in the SQL
    })
    return applied.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

/** The lock belongs to a session, which Neon's pooler would hand to others: https://neon.com/docs/connect/connection-pooling */
function unpooled(databaseUrl: string) {
  return databaseUrl.replace(/-pooler(?=\.[^/]*\.neon\.tech\b)/, '')
}

if (import.meta.main) {
  if (existsSync(ENV_FILE)) loadEnvFile(ENV_FILE) // does not replace what the shell has set
  try {
    const { DATABASE_URL } = process.env
    if (!DATABASE_URL) throw new Error('DATABASE_URL is missing')
    if (!/^postgres(ql)?:$/.test(URL.parse(DATABASE_URL)?.protocol ?? ''))
      throw new Error('DATABASE_URL is no postgresql:// URL')
    const applied = await migrate(DATABASE_URL)
    for (const name of applied) console.log(`Migrated: ${name}`)
  } catch (error) {
    console.error(`Migration failed: ${errorMessage(error)}`)
    process.exitCode = 1
  }
}
