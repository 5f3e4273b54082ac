import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { PoolClient } from 'pg'
import { errorMessage } from '../machine/error-message.ts'
import { HttpError } from './errors.ts'
import { MAX_BYTES } from './limits.ts'
import type { Pools } from './pools.ts'
import { type Room, run, type Statement } from './result.ts'
import { finish } from './session.ts'
import { jsonTypes, textTypes } from './types.ts'

type Query = { query: string; params?: unknown[]; arrayMode?: boolean }
type Body = { query: Query } | { queries: Query[] }

const isolationLevels: Record<string, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
}

/**
 * The reply to one POST, as JSON: the result of a query, or the results of a transaction. Who hangs up breaks off what
 * is under way.
 */
export async function answer(headers: IncomingHttpHeaders, text: string, pools: Pools, response: ServerResponse) {
  const connectionString = headers['neon-connection-string']
  if (typeof connectionString !== 'string') throw new HttpError(400, 'invalid header: neon-connection-string')
  const body = parse(text)
  const begin = 'queries' in body ? `start transaction ${transactionModes(headers)}` : ''
  const client = await pools.connect(connectionString)
  const room: Room = { bytes: MAX_BYTES, giveUp: (failure) => pools.breakOff(client, failure) }
  const hangUp = () => room.giveUp(new HttpError(400, 'Query cancelled, connection was terminated'))
  if (response.destroyed) hangUp()
  response.once('close', hangUp)
  try {
    if ('queries' in body) return await runAll(client, begin, body.queries.map(toStatement(headers)), room)
    return await finish(client, () => run(client, toStatement(headers)(body.query), room))
  } finally {
    response.off('close', hangUp)
  }
}

/** By hand, as every request goes through it: a schema takes a tenth of what the proxy does in all. */
function parse(text: string): Body {
  const body = parseJson(text)
  if (isQuery(body)) return { query: body } // in Neon's order
  if (isObject(body) && 'queries' in body && Array.isArray(body.queries) && body.queries.every(isQuery))
    return { queries: body.queries }
  throw unreadable('neither a query nor a list of queries')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(errorMessage(error))
  }
}

const unreadable = (reason: string) => new HttpError(400, `could not parse the HTTP request body: ${reason}`)

const isObject = (value: unknown) => typeof value === 'object' && value !== null

const isQuery = (value: unknown): value is Query =>
  isObject(value) &&
  'query' in value &&
  typeof value.query === 'string' &&
  (!('params' in value) || Array.isArray(value.params)) &&
  (!('arrayMode' in value) || typeof value.arrayMode === 'boolean')

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

const toStatement =
  (headers: IncomingHttpHeaders) =>
  ({ query, params = [], arrayMode }: Query): Statement => ({
    text: query,
    params,
    asArray: arrayMode ?? headers['neon-array-mode'] === 'true',
    types: headers['neon-raw-text-output'] === 'true' ? textTypes : jsonTypes,
  })

/**
 * All statements in one round trip, and the commit in another: by then it is known that nothing failed and that the
 * answer is not too large, which Neon rolls back as well.
 */
async function runAll(client: PoolClient, begin: string, statements: Statement[], room: Room) {
  room.bytes -= '{"results":['.length
  const opened = client.query(begin)
  const results = statements.map((statement) => run(client, statement, room))
  const settled = await Promise.allSettled([opened, ...results])
  const failure = settled.find((result) => result.status === 'rejected')
  const ended = finish(client, () => client.query(failure ? 'rollback' : 'commit'))
  if (failure) {
    await ended.catch(() => {}) // as the connection is lost, and the transaction with it
    throw failure.reason
  }
  await ended
  return `{"results":[${(await Promise.all(results)).join(',')}]}`
}
