// From row to record: the one way in which events leave the outbox.
// An event stays until Kafka has acknowledged it, so a crash can repeat an event (with the same id) but never lose one.

import type { KafkaConfig } from '../config.ts'
import type { Sql } from '../database.ts'
import { kafkaErrorName, openProducer, SEND_DEADLINE } from '../kafka.ts'
import { errorFields, log } from '../log.ts'
import { BATCH, type Batch, fail, LEASE, next, type Step } from './lease.ts'
import { publish } from './publish.ts'

const RETIRE = 15_000 // ms after which a publisher lets a younger one take over
const END = 18_000 // ms after which it begins nothing more: waitUntil() gives it 30 s, https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
const LINGER = 100 // ms an idle publisher keeps its connection, but not the lease
const PACE = 25 // ms between two looks while requests of this isolate go on committing: what comes in that time makes one batch. What Kafka has acknowledged stays in the outbox for that much longer
const POLL = 5 // ms between its looks for a poke
const SILENT = 10_000 // ms without a sign of life after which a publisher of this isolate counts as dead

/** What an isolate knows of its publisher. Requests may share facts, but no I/O: a promise of another request must not be awaited. */
export type Isolate = {
  aliveAt: number // ms since the epoch: its publisher's last sign of life, 0 where there is none
  poked: boolean // whether an event may have been committed since it last looked
  backoffUntil: number // ms since the epoch before which Kafka is left alone
}
export const newIsolate = (): Isolate => ({ aliveAt: 0, poked: false, backoffUntil: 0 })
const thisIsolate = newIsolate()

/**
 * Publishes until the outbox is empty. To be called after every commit, and by a timer for what a crash, a backoff or the end of a
 * publisher's time has left behind. Where this isolate is publishing already, it only pokes that publisher.
 * Never throws: what fails is logged and tried again later.
 */
export async function drain(sql: Sql, kafka: KafkaConfig, isolate = thisIsolate, now = Date.now): Promise<void> {
  isolate.poked = true
  const began = now()
  if (began < isolate.backoffUntil || began < isolate.aliveAt + SILENT) return

  const open = () => openProducer(kafka)
  const producer = open()
  let batch: Batch | null = null // held with the lease
  let acknowledged: number[] = [] // of the batch
  let retired = false // then the isolate is open to a younger publisher
  const leave = () => {
    if (!retired) isolate.aliveAt = 0
    retired = true
  }

  try {
    for (;;) {
      const asked = now()
      const last: Batch | null = batch
      const retiring = !retired && asked > began + RETIRE
      if (retiring) leave()
      if (!retired) Object.assign(isolate, { aliveAt: asked, poked: false })
      const over = asked > began + END
      const yielding = retired && isolate.aliveAt > 0 // a younger one is there
      const step: Step = { token: last?.token ?? null, acknowledged, free: over || yielding || (retiring && last !== null) }
      const { batch: taken, backoff } = await next(sql, step).catch(() => next(sql, step)) // a poke that it has swallowed would wait for the timer
      batch = taken
      acknowledged = []
      if (backoff) isolate.backoffUntil = asked + backoff
      if (batch) {
        await publish(batch.events, producer, { sql, open, startBy: asked + LEASE - SEND_DEADLINE, now, acknowledged })
        if (isolate.poked && batch.events.length < BATCH) await pause(Math.min(PACE, Math.max(0, asked + PACE - now())))
      } else if (backoff) return
      else if (over || yielding) {
        isolate.poked = true // the younger one may have found the lease taken: it looks once more
        if (over || isolate.aliveAt > 0) return
      } else if (!last) {
        // It had freed the lease, and looked once more for those who found it taken.
        if (retired) return
        await linger(isolate, now)
        if (!isolate.poked) return leave() // nothing is awaited between this look and leaving
      }
    }
  } catch (error) {
    const failed = now()
    const backoff = batch && (await fail(sql, { token: batch.token, acknowledged, error: reason(error) }).catch(() => null))
    if (backoff) isolate.backoffUntil = failed + backoff
    log('error', 'events could not be published', { backoff, ...errorFields(error) })
  } finally {
    leave()
    await producer.close()
  }
}

/** Waits for a poke: the next event then needs no connection of its own. */
async function linger(isolate: Isolate, now: () => number) {
  for (const end = now() + LINGER; !isolate.poked && now() < end;) await pause(POLL)
}

const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms))

const reason = (error: unknown) => `${kafkaErrorName(error)}: ${error instanceof Error ? error.message : String(error)}`
