import type { IncomingHttpHeaders } from 'node:http'
import type { PoolClient } from 'pg'
import * as z from 'zod'
import { HttpError } from './errors.ts'
import { toText } from './parameters.ts'
import type { Pools } from './pools.ts'
import { jsonTypes, textTypes } from './types.ts'

const Query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]), arrayMode: z.boolean().optional() })
const Batch = z.object({ queries: z.array(Query) })
const Body = z.union([Batch, Query])

const isolationLevels: Record<string, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
}

/** The reply to one POST: the result of a query, or the results of a transaction. */
export async function answer(headers: IncomingHttpHeaders, text: string, pools: Pools) {
  const connectionString = headers['neon-connection-string']
  if (typeof connectionString !== 'string') throw new HttpError(400, 'invalid header: neon-connection-string')
  const body = parse(text)
  const begin = 'queries' in body ? `start transaction ${transactionModes(headers)}` : ''
  const client = await pools.connect(connectionString)
  try {
    return 'queries' in body ? { results: await runAll(client, begin, body.queries, headers) } : await run(client, body, headers)
  } finally {
    client.release(client.getTransactionStatus() !== 'I') // inside a transaction it is of no use to the next one; Neon discards it too
  }
}

function parse(text: string) {
  try {
    return Body.parse(JSON.parse(text))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'neither a query nor a list of queries'
    throw new HttpError(400, `could not parse the HTTP request body: ${reason}`)
  }
}

function transactionModes(headers: IncomingHttpHeaders) {
  const name = headers['neon-batch-isolation-level']
  const level = isolationLevels[String(name)]
  if (name !== undefined && !level) throw new HttpError(400, 'invalid isolation level')
  const modes = [
    level && `isolation level ${level}`,
    headers['neon-batch-read-only'] === 'true' && 'read only',
    headers['neon-batch-deferrable'] === 'true' && 'deferrable',
  ]
  return modes.filter(Boolean).join(', ')
}

async function run(client: PoolClient, { query, params, arrayMode }: z.infer<typeof Query>, headers: IncomingHttpHeaders) {
  const rowAsArray = arrayMode ?? headers['neon-array-mode'] === 'true'
  const config = {
    text: query,
    values: params.map(toText),
    types: headers['neon-raw-text-output'] === 'true' ? textTypes : jsonTypes,
    queryMode: 'extended', // one statement a query, also without parameters
  }
  const result = rowAsArray ? await client.query({ ...config, rowMode: 'array' }) : await client.query(config)
  const { fields, rows, command, rowCount } = result
  return { fields, rows, command: command ?? '', rowCount, rowAsArray }
}

/** All in one round trip, so that a transaction is as short as it can be. What follows a failure fails, and the commit rolls back. */
async function runAll(client: PoolClient, begin: string, queries: z.infer<typeof Query>[], headers: IncomingHttpHeaders) {
  const opened = client.query(begin)
  const results = queries.map((query) => run(client, query, headers))
  const committed = client.query('commit')
  await Promise.allSettled([opened, ...results, committed])
  await opened
  const all = await Promise.all(results)
  await committed
  return all
}
