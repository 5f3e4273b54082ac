// A database or a broker that is named in place of the embedded one, and may be somebody else's: what is said of it,
// and what is refused.

import { newClient } from '../machine/pg-client.ts'
import { errorMessage } from '../machine/error-message.ts'

const QUERY_MS = 10_000

export type NamedServices = { DATABASE_URL?: string | undefined; KAFKA_BOOTSTRAP_SERVERS?: string | undefined }

/** Host and name of a database: neither its user nor its password. */
export function showDatabase(databaseUrl: string) {
  const { database, host, port } = parseDatabase(databaseUrl)
  return `database ${database} on ${host}:${port}`
}

/** A line for each. */
export function announce({ DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS }: NamedServices) {
  const lines = []
  if (DATABASE_URL)
    lines.push(`Using DATABASE_URL: ${showDatabase(DATABASE_URL)} gets our tables, and the products of this run`)
  if (KAFKA_BOOTSTRAP_SERVERS)
    lines.push(`Using KAFKA_BOOTSTRAP_SERVERS: ${KAFKA_BOOTSTRAP_SERVERS} gets the events of this run`)
  return lines
}

/** Whether all of them are on this machine. */
export function areLocal({ DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS }: NamedServices) {
  const hosts = [
    ...(DATABASE_URL ? [new URL(DATABASE_URL).hostname, parseDatabase(DATABASE_URL).host] : []),
    ...(KAFKA_BOOTSTRAP_SERVERS?.split(',').map((server) => server.trim().replace(/:\d+$/, '')) ?? []),
  ]
  return hosts.every((host) => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host))
}

/** Throws unless the database is empty, is ours already, or is the one that `into` names. */
export async function refuseTablesOfOthers(databaseUrl: string, into: string | undefined) {
  const { database } = parseDatabase(databaseUrl)
  if (into !== undefined && into !== database)
    throw new Error(`--into ${into}: DATABASE_URL names the database ${database}`)
  const tables = await findTablesOfOthers(databaseUrl).catch((cause) => {
    throw new Error(`DATABASE_URL: ${errorMessage(cause)}`, { cause })
  })
  if (into === undefined && tables.length) {
    const some =
      tables.length > 3 ? `${tables.slice(0, 3).join(', ')} and ${tables.length - 3} more` : tables.join(', ')
    const anyway = `npm run dev -- --into ${database}`
    throw new Error(`${showDatabase(databaseUrl)} has tables of others: ${some}. \`${anyway}\` puts ours beside them`)
  }
}

/**
 * The tables in the schema where ours would go, unless our migrations have been there. Tables of extensions do not
 * count.
 */
async function findTablesOfOthers(databaseUrl: string) {
  const client = newClient(databaseUrl, { query_timeout: QUERY_MS }) // a table may be locked
  client.on('error', () => {}) // the query that it breaks fails anyway
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(`
      select relname as name from pg_class
      where relkind in ('r', 'p', 'f') and relnamespace in (coalesce(current_schema(), 'public')::regnamespace, 'public'::regnamespace)
        and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
      order by name`)
    const names = rows.map(({ name }) => name)
    if (!names.includes('pgmigrations')) return names
    const ours = await client.query("select from pgmigrations where name = '0001_products'")
    return ours.rowCount ? [] : names
  } finally {
    await client.end()
  }
}

/** As the driver reads it, which takes a host from the query as well. */
function parseDatabase(databaseUrl: string) {
  const { host, port, database = '' } = newClient(databaseUrl)
  return { host, port, database }
}
