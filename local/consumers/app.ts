// What an app is: a name, which is also that of its consumer group, and its effect. Everything else is the runtime's.

import type pg from 'pg'
import type { ConsumedRecord, ProductEvent } from './event.ts'

/** One event to work on. What `client` writes is committed together with the claim of the event's id, or not at all. */
export type Work = { event: ProductEvent; record: ConsumedRecord; client: pg.ClientBase }

/**
 * Does what the app is there for, and gives that in words: '3 units of "Tea", worth 4.50'. It throws Poison where this
 * event can never work, and anything else where it is to be tried again. What it does outside of Postgres may happen
 * twice, when the process dies before the commit: that must do no harm.
 */
export type Effect = (work: Work) => Promise<string>

export type App = {
  name: string
  /** Its tables, in the schema `consumers`: run at each start, so with `if not exists`. */
  create: string
  /** For `--reset`: all that it has ever done. */
  forget(client: pg.ClientBase, env: NodeJS.ProcessEnv): Promise<unknown>
  /**
   * Whether it works on an event also when it has worked on a newer version of the product; otherwise that one is left
   * out.
   */
  olderToo?: boolean
  /** Opens what it needs, for the life of the process. `say` is for what a person should know. */
  start(env: NodeJS.ProcessEnv, say: (sentence: string) => void): Effect | Promise<Effect>
}
