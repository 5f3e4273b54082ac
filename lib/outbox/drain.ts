// From row to record: the one way in which events leave the outbox.
// An event stays until Kafka has acknowledged it, so a crash can repeat an event (with the same id) but never lose one.

import type { PublisherConfig } from '../config.ts'
import type { Sql } from '../database.ts'
import { isWaitedFor, topicOf } from '../products/events.ts'
import { openProducer } from '../kafka/producer.ts'
import { errorFields, log } from '../log.ts'
import { decide, type Last } from './decide.ts'
import { type Isolate, needsPublisher, newIsolate, noteFailure } from './isolate.ts'
import { type Outcome, publish } from './publish.ts'
import { giveUp, LEASE, next, putAside, putBack, type Step } from './statements.ts'

const BATCH = 500 // events, until there are more
const MOST = 5_000 // events: a batch takes 3 s, whatever its size, where many leaders that are far away share the sockets
const LINGER = 100 // ms an idle publisher keeps its connections, but not the lease
const FOR_HELD = 2_000 // ms it waits for a target that can be tried again by then
const PACE = 100 // ms between two looks while requests of this isolate go on committing: what comes in that time makes one batch. What Kafka has acknowledged stays in the outbox for that much longer
const SOON = 100 // ms until a partition that has moved is looked for again
const POLL = 5 // ms between its looks for who asks for it
const ATTEMPTS = 3 // at a statement
const AFTER_FAILURE = 10_000 // ms until somebody looks again, where the database could not be read

export type PublishConfig = Omit<PublisherConfig, 'DATABASE_URL' | 'NEON_PROXY_URL'>

/** ms since the epoch, and a pause of so many ms. */
export type Clock = { now: () => number; pause: (ms: number) => Promise<unknown> }
const realClock: Clock = { now: Date.now, pause: (ms) => new Promise((wake) => setTimeout(wake, ms)) }

const thisIsolate = newIsolate()

/**
 * Publishes until the outbox is empty. To be called after every commit, and by a timer for what a crash, a backoff or
 * the end of a publisher's time has left behind. Where this isolate is publishing already, it only asks that publisher
 * to look again. Never throws: what fails is logged and tried again later.
 * Gives in how many ms it makes sense to try again, where it knows that something may be left, and undefined where all
 * is published or another publisher is at it.
 */
export async function drain(
  sql: Sql,
  config: PublishConfig,
  isolate: Isolate = thisIsolate,
  clock = realClock,
): Promise<number | undefined> {
  isolate.wanted = true
  const began = clock.now()
  if (!needsPublisher(isolate, began)) return Math.max(0, isolate.backoffUntil - began) || undefined
  isolate.name ||= crypto.randomUUID()

  const producer = openProducer(config, isolate.view)
  const publisher = {
    producer,
    topicOf: ({ type }: { type: string }) => topicOf(type, config),
    tries: new Map(),
    now: clock.now,
  }
  let retired = false // then the isolate is open to a younger publisher
  let token: string | null = null
  let acknowledged: number[] = []
  let last: Last = 'nothing yet'
  let limit = BATCH
  let statements = 0
  let idle = false
  let untilHeld = Infinity // ms until a target can be tried again

  const leave = () => {
    if (!retired) isolate.aliveAt = 0
    retired = true
  }
  /** The same statement again where it fails: an event that was asked for meanwhile would wait for the timer. */
  async function ask<T>(statement: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      statements++
      try {
        return await statement()
      } catch (error) {
        if (attempt === ATTEMPTS) throw error
      }
    }
  }

  async function look(free: boolean) {
    const asked = clock.now()
    if (!retired) isolate.aliveAt = asked
    if (!retired || !isolate.aliveAt) isolate.wanted = false
    idle = false
    const step: Step = { token, acknowledged, limit: free ? 0 : limit }
    const { batch, held, backoff } = await ask(() => next(sql, step))
    const holding = token !== null
    acknowledged = []
    token = batch?.token ?? null
    untilHeld = Math.min(...held.map(({ wait }) => wait))
    last = batch ? 'a batch' : backoff ? 'backoff' : holding ? 'freed' : 'nothing'
    if (backoff) isolate.backoffUntil = asked + backoff
    if (!batch) return

    const strangers = held.map(({ target }) => target).filter((target) => !isWaitedFor(target, config))
    if (strangers.length) {
      await ask(() => putBack(sql, batch.token, strangers)) // of topics that are configured no more: these events come before all others
      return
    }
    const outcome = await publish(batch.events, new Set(held.map(({ target }) => target)), asked, publisher)
    acknowledged = outcome.acknowledged
    if (outcome.unreachable) await fail(batch.token, outcome)
    else await goOn(batch.token, outcome)
    if (batch.events.length === limit) limit = MOST
    else if (outcome.soon) await clock.pause(SOON)
    else if (isolate.wanted) await clock.pause(Math.min(PACE, Math.max(0, asked + PACE - clock.now())))
  }

  async function goOn(held: string, outcome: Outcome) {
    if (acknowledged.length) isolate.failures = 0
    if (!outcome.waiting.length && !outcome.failing.length && !outcome.refused.length) return
    await ask(() => putAside(sql, held, outcome)).catch((error: unknown) => {
      log('error', 'events could not be put aside', errorFields(error)) // and will be read again: first goes what Kafka has acknowledged
    })
  }

  async function fail(held: string, { unreachable }: Outcome) {
    last = 'backoff'
    const failed = clock.now()
    const failure = {
      token: held,
      acknowledged,
      error: unreachable instanceof Error ? unreachable.message : String(unreachable),
      publisher: isolate.name,
    }
    const backoff = noteFailure(isolate, failed, await ask(() => giveUp(sql, failure)))
    log('error', 'events could not be published', { backoff, ...errorFields(unreachable) })
  }

  /**
   * Waits for somebody to ask for it, so that the next event needs no connection of its own, or for what is held back.
   */
  async function wait() {
    const forHeld = untilHeld > 0 && untilHeld <= FOR_HELD // where it is 0, another publisher is at it
    for (const end = clock.now() + (forHeld ? untilHeld : LINGER); !isolate.wanted && clock.now() < end;)
      await clock.pause(POLL)
    idle = !isolate.wanted && !forHeld
    if (idle) leave() // nothing is awaited between this look and leaving
    else last = 'nothing yet'
  }

  /** ms until trying again makes sense, or undefined where nothing is left that it knows of. */
  function again() {
    if (last === 'backoff') return Math.max(SOON, isolate.backoffUntil - clock.now())
    if (last !== 'nothing') return SOON // its time or its statements are over
    return untilHeld === Infinity ? undefined : untilHeld || LEASE // where it is 0, another publisher is at it
  }

  try {
    for (;;) {
      const mostStatements = config.OUTBOX_MAX_STATEMENTS
      const situation = {
        last,
        age: clock.now() - began,
        statements,
        mostStatements,
        retired,
        youngerThere: isolate.aliveAt > 0,
        wanted: isolate.wanted,
        idle,
      }
      const action = decide(situation)
      if (action === 'retire') leave()
      else if (action === 'look' || action === 'free') await look(action === 'free')
      else if (action === 'wait') await wait()
      else if (action === 'hand over') {
        isolate.wanted = true
        return undefined
      } else return again()
    }
  } catch (error) {
    log('error', 'the outbox could not be read', errorFields(error)) // says nothing of Kafka: the lease ends by itself
    return AFTER_FAILURE
  } finally {
    leave()
    await producer.close()
  }
}
