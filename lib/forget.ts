// What is kept for 24 h, and then forgotten by a timer.

import { errorFields, log } from './log.ts'

/**
 * Rows that one statement forgets: it is over long before its deadline, as it finds them by their place (`ctid`). By
 * their key Postgres may compare each row with each where its statistics are of when there were few.
 */
export const FORGET = 10_000

/**
 * Runs a statement that forgets up to `FORGET` rows, and gives how many, until nothing is left to forget. It runs
 * `most` times at most, as a Worker may not ask more often; with 90 a minute, 15,000 rows a second are forgotten. Gives
 * whether it has left some for that reason. Never throws: what fails is logged and tried again later.
 */
export async function forget(what: string, most: number, statement: () => Promise<number>): Promise<boolean> {
  try {
    for (let left = most; left > 0; left--) if ((await statement()) < FORGET) return false
    log('info', `more ${what} are to be forgotten`, { later: true })
    return true
  } catch (error) {
    log('error', `${what} could not be forgotten`, errorFields(error))
    return false
  }
}

/** Of the statements that one run of the timer may make, those that forget rows of one table. */
export const forgetting = (mostStatements: number) => Math.max(1, Math.floor(mostStatements / 10))
