import pg from 'pg'
import { HttpError } from './errors.ts'
import type { Address } from './address.ts'

export type Pools = ReturnType<typeof openPools>

const CONNECTIONS = 16
const IDLE_MS = 30_000

/** One pool of connections for each user and database that asks. The address in a connection string is not followed: no open relay. */
export function openPools({ host, port }: Address) {
  const pools = new Map<string, pg.Pool>()
  return {
    /** A connection to be released. Its queries go out without waiting for one another. */
    async connect(connectionString: string) {
      const url = parse(connectionString)
      url.hostname = host
      url.port = String(port)
      const pool = pools.get(url.href) ?? open(url.href)
      pools.set(url.href, pool)
      return pool.connect()
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()))
    },
  }
}

function open(connectionString: string) {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, idleTimeoutMillis: IDLE_MS, pipeline: true })
  // A dying Postgres breaks queries and idle connections, not the proxy; the next query connects anew.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

function parse(connectionString: string) {
  const url = URL.parse(connectionString)
  if (!url) throw new HttpError(400, 'invalid connection string: relative URL without a base')
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new HttpError(400, 'invalid connection string: incorrect scheme')
  if (!url.username) throw new HttpError(400, 'invalid connection string: missing username')
  if (url.pathname.length < 2) throw new HttpError(400, 'invalid connection string: missing database name')
  return url
}
