// How a Worker sets the relay's alarm: for what it leaves behind, and for the case that it is killed.

import type { Sql } from '../database.ts'
import { within } from '../kafka/deadline.ts'
import { errorFields, log } from '../log.ts'
import { drain, type PublishConfig } from './drain.ts'

const NAME = 'outbox' // of the one object
const IF_KILLED = 60_000 // ms until the alarm that a Worker sets before it writes
const RENEW = 30_000 // ms for which that serves: what is written at their end has as long again to be committed
const PATIENCE = 5_000 // ms: the object may be on its way to another machine
const PAUSE = 1_000 // ms after a failure, lest requests make it worse for an object that has too many

/** The part of a Worker's environment. https://developers.cloudflare.com/durable-objects/api/namespace/#getbyname */
export type AlarmEnv = { OUTBOX_ALARM?: { getByName(name: string): { arm(ms: number): Promise<void> } } }
type Context = { env: AlarmEnv; executionCtx: { waitUntil(promise: Promise<unknown>): void } }

/** What an isolate knows, in ms since the epoch. */
export type Memory = {
  armedAt: number // when it last asked for the case that it is killed
  askedFor: number // the alarm that it last asked for because something was left
  failedAt: number // 0 where its last attempt succeeded
}
export const newMemory = (): Memory => ({ armedAt: 0, askedFor: 0, failedAt: 0 })
const thisIsolate = newMemory()

/**
 * A dead man's alarm, to be called before what is written: a Worker that is killed between the commit and the
 * publishing sets none. Nobody waits for it, and it never throws; where it fails, one that writes later tries again.
 */
export function wakeIfKilled({ env, executionCtx }: Context, memory = thisIsolate): void {
  const now = Date.now()
  if (now < memory.armedAt + RENEW) return
  memory.armedAt = now
  executionCtx.waitUntil(
    arm(env, IF_KILLED, memory).then((armed) => {
      if (!armed) memory.armedAt = 0
    }),
  )
}

/** `drain()`, to be called after each commit; the alarm sees to what that leaves. Never throws. */
export async function drainOrWake(env: AlarmEnv, sql: Sql, config: PublishConfig): Promise<void> {
  const again = await drain(sql, config)
  if (again !== undefined) await wake(env, again)
}

/** Sets the alarm, unless this isolate has asked for an earlier one that is still to come. Never throws. */
export async function wake(env: AlarmEnv, ms: number, memory = thisIsolate): Promise<void> {
  const now = Date.now()
  if (memory.askedFor > now && memory.askedFor <= now + ms) return
  memory.askedFor = now + ms
  if (!(await arm(env, ms, memory))) memory.askedFor = 0
}

/** Gives whether that has succeeded. The first of several failures is logged. */
async function arm({ OUTBOX_ALARM }: AlarmEnv, ms: number, memory: Memory) {
  if (Date.now() < memory.failedAt + PAUSE) return false
  if (!OUTBOX_ALARM) {
    if (!memory.failedAt) log('warn', 'what is left waits for the relay: OUTBOX_ALARM is not bound')
    memory.failedAt = Date.now()
    return false
  }
  try {
    await within(PATIENCE, OUTBOX_ALARM.getByName(NAME).arm(ms), new Error('it does not answer'))
    memory.failedAt = 0
    return true
  } catch (error) {
    if (!memory.failedAt) log('error', 'the alarm of the relay could not be set', { ms, ...errorFields(error) })
    memory.failedAt = Date.now()
    return false
  }
}
