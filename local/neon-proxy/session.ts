import { connect } from 'node:net'
import pg, { type PoolClient } from 'pg'
import type { Address } from './address.ts'

const CANCEL_REQUEST = 80_877_102

/**
 * All of DISCARD ALL but DISCARD PLANS: what is forgotten with the plans would be planned anew by the next request, the
 * statements of triggers too, and no query can tell. https://www.postgresql.org/docs/current/sql-discard.html
 */
const RESET = `close all; set session authorization default; reset all; deallocate all; unlisten *;
  select pg_advisory_unlock_all(); discard temp; discard sequences`

/**
 * Does `work`, which sends the last statements of a request, and gives the connection back reset. The reset goes out
 * with the statements, in one packet, and nobody waits for it. What it cannot reset, as it is inside a transaction, is
 * of no use to the next one; Neon discards it too.
 */
export function finish<T>(client: PoolClient, work: () => T) {
  const { stream } = client.connection
  stream.cork()
  try {
    return work()
  } finally {
    const reset = new pg.Query(RESET)
    reset.on('end', () => client.release(client.getTransactionStatus() !== 'I'))
    reset.on('error', () => client.release(true))
    client.query(reset)
    stream.uncork()
  }
}

/** Breaks off what is under way: its queries fail with `error`, and Postgres stops working on them. */
export function breakOff(client: PoolClient, { host, port }: Address, error: Error) {
  client.connection.stream.destroy(error)
  if (!('processID' in client && 'secretKey' in client)) return
  const message = Buffer.alloc(16)
  for (const [i, word] of [message.length, CANCEL_REQUEST, client.processID, client.secretKey].entries())
    message.writeInt32BE(Number(word), 4 * i)
  connect({ host, port })
    .on('error', () => {}) // then there is nothing to stop
    .end(message)
}
