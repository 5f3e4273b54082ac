// The schema `consumers`, which is the consumers' own: the product's migrations know nothing of it.

import type pg from 'pg'
import { newPool } from '../machine/pg-client.ts'
import type { App } from './app.ts'

const CONNECT_MS = 5_000
const QUERY_MS = 5_000 // less than a session: a database that hangs must not cost the member its partitions
const TABLES_MS = 60_000 // for tables: nobody has partitions yet, and other members may be making theirs

/**
 * - processed: the inbox. An event that is in it was done by this group; a duplicate finds it there. forgetting.ts
 *   removes the old ones
 * - versions: the newest version of each product that this group has worked on
 * - redriven: the dead letters that were sent again, so that pressing twice does no harm
 */
const SCHEMA = `
  create schema if not exists consumers;
  create table if not exists consumers.processed (
    group_id text not null,
    source text not null,
    event_id text not null,
    processed_at timestamptz not null default now(),
    primary key (group_id, source, event_id)
  );
  create index if not exists processed_at on consumers.processed (group_id, processed_at);
  create table if not exists consumers.versions (
    group_id text not null,
    product_id bigint not null,
    version integer not null,
    primary key (group_id, product_id)
  );
  create table if not exists consumers.redriven (
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    redriven_at timestamptz not null default now(),
    redriven_by text not null,
    primary key (topic, "partition", "offset")
  )`

/** A pool opens a new connection where one has broken. */
export function openDatabase(databaseUrl: string) {
  const pool = newPool(databaseUrl, {
    max: 2,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
  })
  pool.on('error', () => {}) // the query that it breaks fails anyway
  return pool
}

/** Makes what is missing. Many processes may do so at once. */
export const createTables = (pool: pg.Pool, apps: Pick<App, 'create'>[] = []) =>
  transaction(pool, async (client) => {
    // `if not exists` alone is no protection from a race.
    await client.query(patient("select pg_advisory_xact_lock(hashtext('consumers'))"))
    await client.query(patient(SCHEMA))
    for (const { create } of apps) if (create) await client.query(patient(create))
  })

const patient = (text: string): pg.QueryConfig & { query_timeout: number } => ({ text, query_timeout: TABLES_MS })

/** Forgets all that a group has done. Nobody of the group may run. */
export const forget = (pool: pg.Pool, app: App, groupId: string, env: NodeJS.ProcessEnv) =>
  transaction(pool, async (client) => {
    await client.query('delete from consumers.processed where group_id = $1', [groupId])
    await client.query('delete from consumers.versions where group_id = $1', [groupId])
    await app.forget(client, env)
  })

/** All of `work`, or nothing of it where it throws. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // Who has waited for one answer in vain does not wait for another: Postgres rolls back when it sees the connection
    // closed.
    broken =
      isLate(error) ||
      (await client.query('rollback').then(
        () => false,
        () => true,
      ))
    throw error
  } finally {
    client.release(broken)
  }
}

const isLate = (error: unknown) => error instanceof Error && error.message === 'Query read timeout' // as pg says it
