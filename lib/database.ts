import { neon, neonConfig, type NeonQueryFunction } from '@neondatabase/serverless'
import type { DatabaseConfig } from './config.ts'

export type Sql = NeonQueryFunction<false, false>

const PATIENCE = 10_000 // ms a statement may take, the wake-up of a sleeping Neon compute included

/**
 * Runs SQL over HTTP, one request a statement: nothing is opened, so nothing has to be closed. `patience`: ms a
 * statement may take.
 */
export function database({ DATABASE_URL, NEON_PROXY_URL }: DatabaseConfig, patience = PATIENCE): Sql {
  if (NEON_PROXY_URL) neonConfig.fetchEndpoint = NEON_PROXY_URL
  neonConfig.fetchFunction = fetchInTime
  return neon(DATABASE_URL, { fetchOptions: { patience } })
}

/**
 * Reads the whole answer in time, and takes nothing for one that is none: what breaks off is then told as a failed
 * connection.
 */
async function fetchInTime(url: string, { patience = PATIENCE, ...init }: RequestInit & { patience?: number }) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) })
  const { ok, status } = response
  const text = await response.text()
  if (status < 500 && !text.startsWith('{')) throw new Error(`status ${status} without JSON`)
  return { ok, status, text: () => text, json: (): unknown => JSON.parse(text) } // all that the driver looks at: a Response would copy the text
}
