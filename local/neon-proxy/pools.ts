import type { Socket } from 'node:net'
import type { Pool, PoolClient } from 'pg'
import { newPool } from '../machine/pg-client.ts'
import type { Address } from './address.ts'
import { HttpError } from './errors.ts'
import { CONNECTIONS, CONNECTIONS_PER_POOL, POOLS, STATEMENT_MS } from './limits.ts'
import { parseLogin } from './login.ts'
import { breakOff } from './session.ts'
import { openSocket } from './socket.ts'

export type Pools = ReturnType<typeof openPools>
type Used = { pool: Pool; at: number }

const IDLE_MS = 30_000
const WAIT_MS = 30_000 // for a connection, or for one that is free

/**
 * One pool of connections for each user and database that asks, so many at a time: those unused for longest make room.
 */
export function openPools(postgres: Address, statementMs = STATEMENT_MS) {
  const pools = new Map<string, Used>()
  const sockets = new Set<Socket>()
  const busy = new Set<PoolClient>()
  const loginOf = rememberLast(parseLogin)

  function open(login: ReturnType<typeof parseLogin>) {
    const stream = () => {
      const socket = openSocket()
      sockets.add(socket)
      return socket.on('close', () => sockets.delete(socket))
    }
    const limits = {
      max: CONNECTIONS_PER_POOL,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: WAIT_MS,
      statement_timeout: statementMs,
    }
    const pool = newPool(
      { ...postgres, ...login },
      { ...limits, application_name: 'neon-proxy', pipeline: true, stream },
    )
    // A dying Postgres breaks queries and idle connections, not the proxy; the next query connects anew.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    pool.on('acquire', (client) => busy.add(client))
    pool.on('release', (_, client) => busy.delete(client))
    return { pool, at: 0 }
  }

  const total = () => [...pools.values()].reduce((sum, { pool: { totalCount } }) => sum + totalCount, 0)

  function makeRoom(what: string) {
    const [oldest] = [...pools]
      .filter(([, { pool }]) => pool.idleCount === pool.totalCount && !pool.waitingCount)
      .sort(([, a], [, b]) => a.at - b.at)
    if (!oldest) throw new HttpError(503, `too many ${what} at once`)
    const [key, { pool }] = oldest
    pools.delete(key)
    void pool.end()
  }

  return {
    /** A connection to be finished. Its queries go out without waiting for one another. */
    async connect(connectionString: string) {
      const login = loginOf(connectionString)
      const key = `${login.user}\0${login.password}\0${login.database}`
      if (!pools.has(key) && pools.size >= POOLS) makeRoom(`users and databases (max is ${POOLS})`)
      const used = pools.get(key) ?? open(login)
      pools.set(key, used)
      used.at = performance.now()
      const { pool } = used
      const grows = !pool.idleCount && pool.totalCount < CONNECTIONS_PER_POOL
      if (grows && total() >= CONNECTIONS) makeRoom(`connections to Postgres (max is ${CONNECTIONS})`)
      return pool.connect()
    },
    breakOff: (client: PoolClient, error: Error) => breakOff(client, postgres, error),
    /** Also when Postgres does not answer. */
    async close() {
      const ended = [...pools.values()].map(({ pool }) => pool.end())
      const error = new Error('the proxy ends')
      for (const client of busy) breakOff(client, postgres, error)
      for (const socket of sockets) socket.destroy(error)
      await Promise.all(ended)
    },
  }
}

/** The same function, which is quick where it is asked for the same as before: who uses it has one connection string. */
function rememberLast<T>(compute: (text: string) => T) {
  let last: { text: string; value: T } | undefined
  return (text: string): T => {
    if (last?.text !== text) last = { text, value: compute(text) }
    return last.value
  }
}
