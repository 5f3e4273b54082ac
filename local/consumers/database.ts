// The schema `consumers`, which is the consumers' own: the product's migrations know nothing of it.

import pg from 'pg'
import type { App } from './app.ts'

const CONNECT_MS = 5_000
const QUERY_MS = 5_000 // less than a session: a database that hangs must not cost the member its partitions

/**
 * - processed: the inbox. An event that is in it was done by this group; a duplicate finds it there. It only grows: an id may go when
 *   no topic and no dead letter topic has its record any more
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
  const pool = new pg.Pool({
    connectionString: databaseUrl,
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
    await client.query("select pg_advisory_xact_lock(hashtext('consumers'))") // `if not exists` alone is no protection from a race
    await client.query(SCHEMA)
    for (const { create } of apps) if (create) await client.query(create)
  })

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
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client
      .query('rollback')
      .catch((cause: unknown) => (broken = cause instanceof Error ? cause : new Error(String(cause))))
    throw error
  } finally {
    client.release(broken)
  }
}
