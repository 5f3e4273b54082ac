import { NeonDbError, neon, neonConfig, type NeonQueryFunction } from '@neondatabase/serverless'
import type { DatabaseConfig } from './config.ts'

export type Sql = NeonQueryFunction<false, false>

const PATIENCE = 10_000 // ms a statement may take, the wake-up of a sleeping Neon compute included

/** Runs SQL over HTTP, one request a statement: nothing is opened, so nothing has to be closed. `patience`: ms a statement may take. */
export function database({ DATABASE_URL, NEON_PROXY_URL }: DatabaseConfig, patience = PATIENCE): Sql {
  if (NEON_PROXY_URL) neonConfig.fetchEndpoint = NEON_PROXY_URL
  neonConfig.fetchFunction = fetchInTime
  return neon(DATABASE_URL, { fetchOptions: { patience } })
}

/** Reads the whole answer in time, and takes nothing for one that is none: what breaks off is then told as a failed connection. */
async function fetchInTime(url: string, { patience = PATIENCE, ...init }: RequestInit & { patience?: number }) {
  const { status, headers, body } = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) })
  const text = await new Response(body).text()
  if (status < 500 && !text.startsWith('{')) throw new Error(`status ${status} without JSON`)
  return new Response(text, { status, headers })
}

/** Classes of SQLSTATE that say that the database, not the statement, is at fault: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE = /^(08|25006|28|3D|40|53|55P03|57|58|XX)/

/** Whether an error says that the database cannot be used at the moment: not reached, not answering, starting, full, out of connections, or in a deadlock. */
export function isUnavailable(error: unknown) {
  return error instanceof NeonDbError && (!error.code || UNAVAILABLE.test(error.code))
}
