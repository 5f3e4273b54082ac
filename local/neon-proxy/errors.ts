import { DatabaseError } from 'pg'
import { errorMessage } from '../machine/error-message.ts'
import { MAX_BYTES } from './limits.ts'

/** What Neon's proxy says of itself, Postgres apart. */
export class HttpError extends Error {
  status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const tooLarge = () => new HttpError(507, `response is too large (max is ${MAX_BYTES} bytes)`)
export const noCopy = () => new HttpError(400, 'unexpected message from server: there is no COPY over HTTP')

/**
 * Neon's error body. The driver makes a NeonDbError with `code` and so on out of a 400 only: that is what an error
 * reported by Postgres gets. Anything else, as a Postgres that cannot be reached, is a 500.
 */
export function errorReply(error: unknown): [status: number, body: object] {
  if (error instanceof HttpError) return [error.status, { message: error.message, code: null }]
  if (!(error instanceof DatabaseError)) return [500, { message: errorMessage(error), code: null }]
  const { message, code, detail, hint, position, internalPosition, internalQuery, severity, where } = error
  const { table, column, schema, dataType, constraint, file, line, routine } = error
  const place = { position, internalPosition, internalQuery, where, file, line, routine }
  const fields = { code, severity, detail, hint, schema, table, column, dataType, constraint, ...place }
  return [400, { message, ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null])) }]
}
