import type { NeonDbError } from '@neondatabase/serverless'

/**
 * What says that the database cannot be used at the moment, and not that a statement is wrong: whole classes of
 * SQLSTATE, and codes of other classes. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE: Record<string, string> = {
  '08': 'no connection to it',
  '25006': 'it takes no writes, as a standby or while Neon moves it',
  '25P04': 'the transaction took longer than it allows',
  '28': 'it does not let the user in',
  '3D': 'it is not there, or not yet',
  '40000': 'it rolled the transaction back',
  '40001': 'another transaction was in the way',
  '40003': 'whether it committed is not known',
  '40P01': 'a deadlock',
  '53': 'no connections, memory or disk left',
  '55P03': 'a lock was not to be had',
  '57': 'somebody stopped the statement or the server, or it is starting',
  '58': 'its system failed',
  XX: 'it failed itself, as also Neon says of its own proxy',
}

/** Whether an error says that the database cannot be used at the moment. One without a code has not come from it. */
export function isUnavailable(error: unknown) {
  return isNeonDbError(error) && (!error.code || error.code in UNAVAILABLE || error.code.slice(0, 2) in UNAVAILABLE)
}

/** By its name: a Worker that has no database need not bring the driver along. */
const isNeonDbError = (error: unknown): error is NeonDbError => error instanceof Error && error.name === 'NeonDbError'
