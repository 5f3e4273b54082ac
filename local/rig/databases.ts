// Databases for tests: each is fresh, migrated and its own.

import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { newClient } from '../machine/pg-client.ts'
import { migrate, MIGRATIONS } from '../deploy/migrate.ts'

const NO_PRIVILEGE = '42501' // https://www.postgresql.org/docs/current/errcodes-appendix.html

/** A new database on the server of `serverUrl`, copied from one that was migrated once; gives its URL. */
export async function createDatabase(serverUrl: string, name = `test_${randomUUID().replaceAll('-', '')}`) {
  const template = await templateName()
  await query(serverUrl, async (client) => {
    await createTemplate(client, serverUrl, template)
    await client.query(`create database ${pg.escapeIdentifier(name)} template ${template} strategy file_copy`) // half the time of wal_log
  })
  return at(serverUrl, name)
}

/** Also when someone is connected to it, or it does not exist. */
export async function dropDatabase(url: string) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await query(url, async (client) => {
    try {
      await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === NO_PRIVILEGE)) throw error
      // A process of autovacuum is a superuser's, which nobody else may end. Without force it is asked to make way.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [name],
      )
      await client.query(`drop database if exists ${pg.escapeIdentifier(name)}`)
    }
  })
}

/** Other migrations, another template. */
async function templateName() {
  const hash = createHash('sha256')
  for (const file of (await readdir(MIGRATIONS)).sort())
    hash.update(file).update(await readFile(join(MIGRATIONS, file)))
  return `template_${hash.digest('hex').slice(0, 16)}`
}

/** Done by the first of many processes; the others wait. It is a template to Postgres too only when it is complete. */
async function createTemplate(client: pg.Client, serverUrl: string, template: string) {
  const exists = () => client.query('select from pg_database where datname = $1 and datistemplate', [template])
  if ((await exists()).rowCount) return
  await client.query('select pg_advisory_lock(hashtext($1))', [template]) // until the connection ends
  if ((await exists()).rowCount) return
  await client.query(`drop database if exists ${template} with (force)`)
  await client.query(`create database ${template}`)
  await migrate(at(serverUrl, template))
  await client.query(`alter database ${template} with is_template true allow_connections false`)
}

function at(serverUrl: string, database: string) {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}

async function query<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>) {
  const client = newClient(at(serverUrl, 'postgres'))
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
