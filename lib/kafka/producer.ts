// A short-lived producer: it lives for one drain, keeps a connection to each leader that it sends to, and closes them
// all in the end. Not idempotent: that costs two round trips, and says nothing about what another producer has sent.

import type { KafkaConfig } from '../config.ts'
import { type Connection, openConnection } from './connection.ts'
import { KafkaUnreachable } from './errors.ts'
import { type ClusterView, newClusterView } from './metadata.ts'

/** A Worker's invocation may have six connections open, and its requests to the database take one:
 *  https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections */
const MOST_SOCKETS = 5
const DESCRIBERS = 3 // brokers that are asked in turn for what they know
const STAGGER = 250 // ms after which a bootstrap server that has not answered gets company

type Line = { connection: Connection; users: number }
export type Producer = ReturnType<typeof openProducer>

/**
 * Opens nothing yet. What brokers tell is kept in `view`, which may be known from before. After `close` no socket is
 * left.
 */
export function openProducer(config: KafkaConfig, view: ClusterView = newClusterView()) {
  const lines = new Map<string, Line>() // by address
  const released = new Set<() => void>() // those who wait for a line to become idle
  let ended: Error | undefined
  let seeking: Promise<string> | undefined

  /**
   * The line to a broker with one user more, opened when there is room for it: an idle one makes room, the one that was
   * used least recently first. It counts as used before anyone else can look for an idle one. Who waits for room may
   * have to give up.
   */
  async function lineTo(address: string, giveUp: () => Error | undefined): Promise<Line> {
    for (;;) {
      const reason = ended ?? giveUp()
      if (reason) throw reason
      const known = lines.get(address)
      if (known && (known.connection.isOpen() || known.connection.isConnecting())) {
        lines.delete(address)
        lines.set(address, known) // now the most recent
        known.users++
        return known
      }
      if (!known && lines.size < MOST_SOCKETS) {
        const line = { connection: openConnection(config, address, view), users: 1 }
        lines.set(address, line)
        return line
      }
      const [spare, idle] = known
        ? [address, known]
        : ([...lines].find(([, { connection, users }]) => !users && !connection.isConnecting()) ?? [])
      if (spare !== undefined && idle) {
        idle.connection.end(new Error('Another broker needs the socket'))
        await idle.connection.closed
        if (lines.get(spare) === idle) lines.delete(spare)
      } else await new Promise<void>((resolve) => released.add(resolve))
    }
  }

  /** What `work` gives, with the connection to a broker, which may still be connecting. */
  async function at<T>(
    address: string,
    work: (connection: Connection) => Promise<T>,
    giveUp: () => Error | undefined = () => undefined,
  ): Promise<T> {
    const line = await lineTo(address, giveUp)
    try {
      return await work(line.connection)
    } finally {
      line.users--
      for (const wake of released) wake()
      released.clear()
    }
  }

  /**
   * The address of a broker that has let us in: of one that is connected already, or of the first bootstrap server that
   * answers.
   */
  async function anyBroker(): Promise<string> {
    for (const [address, { connection }] of lines) if (connection.isOpen()) return address
    let first: string | undefined
    const found = () => (first === undefined ? undefined : new Error(`${first} has answered`)) // its socket is not to be taken
    const attempts: Promise<string>[] = []
    for (const address of shuffled(config.KAFKA_BOOTSTRAP_SERVERS)) {
      const attempt = at(address, async ({ connected }) => connected.then(() => (first ??= address)), found)
      attempts.push(attempt)
      const answered = Promise.any(attempts).catch(() => {})
      const failed = attempt.catch(() => {})
      await Promise.race([answered, failed, new Promise((wake) => setTimeout(wake, STAGGER))])
      if (first !== undefined) return first
    }
    return Promise.any(attempts).catch((error: unknown) => {
      const [reason] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
      throw new KafkaUnreachable(reason)
    })
  }

  return {
    view,
    at,

    /**
     * Brings what the view says of the topics up to date, by one broker or another. Throws KafkaUnreachable where none
     * answers. Once `over`, as nobody waits any more, it asks no other broker and leaves the connection to whoever
     * sends over it by then.
     */
    async describe(topics: string[], over?: AbortSignal) {
      for (let attempt = 1; ; attempt++) {
        seeking ??= anyBroker().finally(() => (seeking = undefined)) // one search at a time
        const address = await seeking
        try {
          return await at(address, (connection) => describeBy(connection, topics, over))
        } catch (error) {
          if (attempt === DESCRIBERS || over?.aborted) throw new KafkaUnreachable(error)
        }
      }
    },

    async close() {
      ended ??= new Error('The producer is closed')
      for (const wake of released) wake()
      for (const { connection } of lines.values()) connection.end(ended)
      await Promise.all([...lines.values()].map(({ connection }) => connection.closed))
    },
  }
}

async function describeBy(connection: Connection, topics: string[], over?: AbortSignal) {
  try {
    await connection.connected
    await connection.describe(topics)
  } catch (error) {
    if (!over?.aborted) connection.end(error instanceof Error ? error : new Error(String(error))) // the next attempt asks another
    throw error
  }
}

const shuffled = <T>(list: T[]) =>
  list
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
