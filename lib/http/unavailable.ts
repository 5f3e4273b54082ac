import type { NeonDbError } from '@neondatabase/serverless'

/** Classes of SQLSTATE that say that the database, not the statement, is at fault: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE = /^(08|25006|28|3D|40|53|55P03|57|58|XX)/

/** Whether an error says that the database cannot be used at the moment: not reached, not answering, starting, full, out of connections, or in a deadlock. */
export function isUnavailable(error: unknown) {
  return isNeonDbError(error) && (!error.code || UNAVAILABLE.test(error.code))
}

/** By its name: a Worker that has no database need not bring the driver along. */
const isNeonDbError = (error: unknown): error is NeonDbError => error instanceof Error && error.name === 'NeonDbError'
