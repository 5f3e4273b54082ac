// Which database is meant, and a connection to it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { DatabaseConfig } from '../../lib/config.ts'
import { migrationsUrl, parseSecrets, readSecrets } from '../deploy/secrets.ts'
import { errorMessage } from '../machine/error-message.ts'
import { newClient } from '../machine/pg-client.ts'
import type { Source } from './arguments.ts'

const ENV_FILE = join(import.meta.dirname, '../../.env')
const QUERY_MS = 120_000

/** The URL of the database that is meant. What is named comes before what lies around. Its errors say no password. */
export async function databaseUrl(source: Source): Promise<string> {
  const { url, from } = await find(source)
  if (!url) throw new Error(`${from} is missing`)
  if (!DatabaseConfig.safeParse({ DATABASE_URL: url }).success)
    throw new Error(`${from} is not of the form postgresql://user:password@host/database`)
  return url
}

async function find({ databaseUrl, secretsFile }: Source) {
  if (databaseUrl !== undefined) return { url: databaseUrl, from: '--database-url' }
  if (secretsFile !== undefined) return { url: await variableIn(secretsFile), from: `DATABASE_URL in ${secretsFile}` }
  const { DATABASE_URL } = process.env
  return { url: DATABASE_URL || (existsSync(ENV_FILE) ? await variableIn(ENV_FILE) : undefined), from: 'DATABASE_URL' }
}

/** In the role that owns the outbox: that of handlers may not do all that an operator may. */
const variableIn = async (file: string) => migrationsUrl(parseSecrets(await readSecrets(file)))

/** Host and database, for people to see where they are. */
export function databaseName(url: string) {
  const { host, pathname } = new URL(url)
  return host + pathname
}

/** To be closed by `await using`. */
export async function connect(url: string) {
  const client = newClient(url, { query_timeout: QUERY_MS })
  client.on('error', () => {}) // the query that it breaks fails anyway
  try {
    await client.connect()
  } catch (cause) {
    throw new Error(`${databaseName(url)} cannot be used: ${errorMessage(cause)}`, { cause })
  }
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

/** All of `work`, or nothing of it where it throws. */
export async function transaction<T>(client: pg.Client, work: () => Promise<T>, mode = ''): Promise<T> {
  await client.query(`begin ${mode}`)
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {}) // a connection that has broken needs none
    throw error
  }
}

/** What an error says to an operator, in a sentence. */
export function sentence(error: unknown) {
  const code = error instanceof pg.DatabaseError ? error.code : undefined
  if (code === '42P01' || code === '42703')
    return 'this database has no outbox, or one of an older version: run npm run migrate'
  return errorMessage(error)
}
