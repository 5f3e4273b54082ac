// Connections of `pg` that are what their caller says, whatever the shell says: pg fills each gap from a PG* variable
// or ~/.pgpass.

import pg from 'pg'

/** Where to connect, and as whom. */
export type Login = { host: string; port: number; user: string; password: string; database: string }

const CONNECT_MS = 10_000 // a sleeping Neon compute takes a second or two

// What pg would take from PGSSLMODE, PGSSLNEGOTIATION, PGOPTIONS, PGREPLICATION, PGAPPNAME, PGCLIENT_ENCODING and
// PGCONNECT_TIMEOUT. An empty value counts as a gap, so each is the setting that Postgres has anyway. (PGBINARY is read
// as well, and then used by nothing.)
const NOTHING_FROM_THE_SHELL = {
  ssl: false,
  sslnegotiation: 'postgres',
  options: ' ',
  replication: 'false',
  application_name: 'product-api',
  client_encoding: 'UTF8',
  connectionTimeoutMillis: CONNECT_MS,
} as const

/** To be connected, and ended. A connection string's own parameters count, as `sslmode`; the environment's do not. */
export const newClient = (target: string | Login, options: pg.ClientConfig = {}) =>
  new pg.Client(complete(target, options))

/** To be ended. */
export const newPool = (target: string | Login, options: pg.PoolConfig = {}) => new pg.Pool(complete(target, options))

function complete(target: string | Login, options: pg.PoolConfig): pg.PoolConfig {
  if (typeof target === 'string')
    return { ...NOTHING_FROM_THE_SHELL, ...options, connectionString: withoutGaps(target) }
  const { password } = target
  return { ...NOTHING_FROM_THE_SHELL, ...target, password: () => password, ...options } // a function is no gap
}

/** The connection string with what PGUSER, PGPASSWORD, PGHOST, PGPORT and PGDATABASE would fill. */
function withoutGaps(connectionString: string) {
  const url = URL.parse(connectionString)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) throw new Error('The connection string is no postgresql:// URL')
  const has = (name: string, part: string) => part !== '' || Boolean(url.searchParams.get(name))
  if (!has('user', url.username)) throw new Error('The connection string names no user')
  if (!has('host', url.hostname)) throw new Error('The connection string names no host')
  if (url.pathname.length < 2) throw new Error('The connection string names no database')
  if (!has('port', url.port)) url.searchParams.set('port', '5432')
  if (url.hostname.endsWith('.neon.tech')) url.searchParams.set('sslmode', 'verify-full') // Neon lets nobody in without TLS
  if (!has('password', url.password)) url.searchParams.set('password', 'none') // who asks for one refuses it
  return url.href
}
