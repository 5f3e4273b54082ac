import pg, { type PoolClient, type QueryResult } from 'pg'
import { tooLarge } from './errors.ts'
import { toText } from './parameters.ts'
import type { Types } from './types.ts'

export type Statement = { text: string; params: unknown[]; asArray: boolean; types: Types }

/** What the reply to one request may still hold, and how to break off all that is under way. */
export type Room = { bytes: number; giveUp: (failure: Error) => void }

/**
 * Sends a statement and gives its result as the JSON that Neon answers. Each row is made JSON as it arrives, and counts
 * as such: that is what Neon limits, and what keeps an endless result from filling the memory.
 */
export function run(client: PoolClient, { text, params, asArray, types }: Statement, room: Room) {
  const { stream } = client.connection
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const config = {
    text,
    values: params.map(toText),
    types,
    queryMode: 'extended', // one statement a query, also without parameters
    rowMode: asArray ? 'array' : undefined,
  }
  const query = new pg.Query(config)
  const rows: string[] = []
  let head = ''
  query.on('row', (row, result) => {
    if (stream.destroyed) return
    if (!head) room.bytes -= Buffer.byteLength((head = startOf(result?.fields ?? [], asArray)))
    const json = JSON.stringify(row)
    room.bytes -= Buffer.byteLength(json) + (rows.length && 1)
    rows.push(json)
    if (room.bytes < 0) room.giveUp(tooLarge())
  })
  // What breaks the connection off is known before what else came in the same piece is read.
  query.on('error', (error) => reject(stream.errored ?? error))
  query.on('end', ({ fields, command, rowCount }) => {
    if (stream.errored) return reject(stream.errored)
    const end = `],"command":${JSON.stringify(command ?? '')},"rowCount":${rowCount}}`
    resolve((head || startOf(fields, asArray)) + rows.join(',') + end)
  })
  client.query(query)
  return promise
}

/** Up to the rows, with the names in Neon's order, as these bytes count too. */
function startOf(fields: QueryResult['fields'], asArray: boolean) {
  const described = fields.map((field) => {
    const { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier } = field
    return { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format: 'text' }
  })
  return `{"rowAsArray":${asArray},"fields":${JSON.stringify(described)},"rows":[`
}
