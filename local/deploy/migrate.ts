// Brings a database to the newest schema: `npm run migrate`, or against Neon `npm run migrate -- --secrets-file
// .env.production`. MIGRATIONS_URL names it, the role of which then owns the tables, or else DATABASE_URL.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import { parseArgs } from 'node:util'
import { newClient } from '../machine/pg-client.ts'
import { errorMessage } from '../machine/error-message.ts'
import { migrationsUrl, parseSecrets, readSecrets, refuseOtherDatabase, unpooled } from './secrets.ts'

export const MIGRATIONS = join(import.meta.dirname, '../../lib/migrations')
const ENV_FILE = join(import.meta.dirname, '../../.env')

/**
 * A migration that waits for a transaction that somebody has left open has everybody else wait behind it. So it waits
 * for `lockMs` at most, and comes again after as much, `tries` times in all.
 */
const PATIENCE = { lockMs: 2_000, tries: 30 }
const LOCK_NOT_AVAILABLE = '55P03' // https://www.postgresql.org/docs/current/errcodes-appendix.html

/** Runs what has not been run yet, one at a time however many call this, and gives the names. */
export async function migrate(databaseUrl: string, { lockMs, tries } = PATIENCE) {
  for (let tried = 1; ; tried++) {
    try {
      return await migrateNow(databaseUrl, lockMs)
    } catch (cause) {
      if (!isHeld(cause)) throw cause
      if (tried === tries) throw new Error(HELD, { cause })
      console.warn(`Another transaction holds a lock that a migration takes: trying again, ${tried} of ${tries}`)
      await setTimeout(lockMs)
    }
  }
}

const HELD =
  'Another transaction holds a lock that a migration takes, and nothing of it was done. Who that is: ' +
  "select pid, query from pg_stat_activity where state = 'idle in transaction'"

const isHeld = (error: unknown) => error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE

async function migrateNow(databaseUrl: string, lockMs: number) {
  const client = newClient(unpooled(databaseUrl)) // the lock belongs to a session, which a pooler would hand to others
  client.on('error', () => {}) // the query that it breaks fails anyway
  client.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING') console.warn(`Postgres: ${message}`)
  })
  await client.connect()
  const errors: string[] = []
  try {
    await client.query(`set lock_timeout = ${lockMs}`)
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      ignorePattern: String.raw`.*(?<!\.sql)`,
      migrationsTable: 'pgmigrations',
      direction: 'up',
      advisoryLockMode: 'wait',
      logger: { info() {}, warn: console.warn, error: (said: string) => void errors.push(said) },
    })
    return applied.map(({ name }) => name)
  } catch (error) {
    if (!isHeld(error)) for (const said of errors) console.error(said) // they show the place in the SQL
    throw error
  } finally {
    await client.end()
  }
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({ options: { 'secrets-file': { type: 'string' } } })
    const file = values['secrets-file']
    if (file === undefined && existsSync(ENV_FILE)) loadEnvFile(ENV_FILE) // does not replace what the shell has set
    const variables = file === undefined ? process.env : parseSecrets(await readSecrets(file))
    if (file !== undefined) refuseOtherDatabase(variables, process.env, file)
    const name = variables.MIGRATIONS_URL ? 'MIGRATIONS_URL' : 'DATABASE_URL'
    const url = migrationsUrl(variables)
    if (!url) throw new Error(`${name} is missing`)
    if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? '')) throw new Error(`${name} is no postgresql:// URL`)
    const applied = await migrate(url)
    for (const name of applied) console.log(`Migrated: ${name}`)
  } catch (error) {
    console.error(`Migration failed: ${errorMessage(error)}`)
    process.exitCode = 1
  }
}
