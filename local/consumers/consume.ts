// A member of a consumer group. What is promised here:
//   - an offset is committed after the work; a record is seen again where the process dies between the two, and done
//     once (inbox.ts)
//   - what fails for now holds back its own partition, and nothing else: that is paused, and tried again later from the
//     same offset
//   - what can never work goes to the dead letters first, and only then its offset is committed
//   - who stops finishes its record, commits and leaves: the others have its partitions at once
// KafkaJS is what the lecture names; a team that starts today would look at @confluentinc/kafka-javascript and
// @platformatic/kafka too.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Consumer, type EachBatchPayload, Partitioners } from 'kafkajs'
import type { PublisherConfig } from '../../lib/config.ts'
import type { App } from './app.ts'
import { samePartitions } from './assigner.ts'
import { type Attempt, attemptRecord } from './attempt.ts'
import { createTables, openDatabase } from './database.ts'
import { type ConsumedRecord, headerText } from './event.ts'
import { keepForgetting } from './forgetting.ts'
import { newHolds } from './holds.ts'
import { createTopics, openKafka, topicsOf } from './kafka.ts'
import { kafkaLog } from './kafka-log.ts'
import { reportEvents } from './kafka-events.ts'
import type { Report } from './reports.ts'

/** So that a lesson does not stand still: KafkaJS would notice a dead member after 30 s, and stop after up to 5 s. */
const SETTINGS = {
  sessionTimeout: 10_000,
  heartbeatInterval: 1_000,
  rebalanceTimeout: 15_000,
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 65_536, // a small batch: a rebalance waits until it is worked on
}
const COMMIT = { autoCommitInterval: 1_000, autoCommitThreshold: 50 } // at the latest; and whenever a batch is done
const SLICE = 500 // ms between two heartbeats of a member that is slow

const FIRST_RETRY = 500
const LAST_RETRY = 30_000
/** ms until the attempt after this one. */
const backoff = (attempt: number) => Math.min(FIRST_RETRY * 2 ** (attempt - 1), LAST_RETRY)

export type Options = {
  app: App
  name: string
  groupId: string
  config: PublisherConfig
  env: NodeJS.ProcessEnv
  report: (report: Report) => void
}

/**
 * Resolves when it has begun to join. `crashed` resolves when KafkaJS has given up for good; `stop` then still closes
 * the rest.
 */
export async function startMember({ app, name, groupId, config, env, report }: Options) {
  const topics = topicsOf(config)
  const pool = openDatabase(config.DATABASE_URL)
  const trouble = (reason: string) => report({ what: 'trouble', at: Date.now(), reason })
  const kafka = openKafka(config, name, kafkaLog(trouble))
  const closing = new AbortController()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  const consumer = kafka.consumer({
    groupId,
    ...SETTINGS,
    allowAutoTopicCreation: false,
    partitionAssigners: [samePartitions],
    retry: { retries: 8, initialRetryTime: 300, maxRetryTime: 3_000, restartOnFailure: async () => true },
  })
  const close = async () => {
    closing.abort()
    await consumer.disconnect()
    await producer.disconnect()
    await pool.end()
  }
  report({ what: 'connecting', at: Date.now(), groupId, topics })
  try {
    await createTables(pool, [app])
    const partitions = await createTopics(kafka, topics)
    const effect = await app.start(env, (sentence) => report({ what: 'said', at: Date.now(), sentence }))
    await producer.connect()
    await consumer.connect()
    // A group that has committed nothing yet wants all that there is.
    await consumer.subscribe({ topics, fromBeginning: true })
    reportEvents(consumer, report)
    void keepForgetting(pool, groupId, trouble, closing.signal)
    return consume(
      consumer,
      (record, count) => attemptRecord({ app, effect, groupId, pool, producer, partitions }, record, count),
      report,
      close,
    )
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

function consume(
  consumer: Consumer,
  attempt: (record: ConsumedRecord, count: number) => Promise<Attempt>,
  report: (report: Report) => void,
  close: () => Promise<void>,
) {
  const holds = newHolds()
  const settled = Promise.withResolvers<void>() // it has joined for the first time, or never will
  const crashed = Promise.withResolvers<Error>()
  let slow = 0
  let stopped: Promise<void> | undefined

  consumer.on(consumer.events.GROUP_JOIN, () => {
    holds.release() // another may have got a partition and have given it back
    settled.resolve()
  })
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    settled.resolve()
    if (!restart) crashed.resolve(error)
  })

  async function work(payload: EachBatchPayload) {
    const { topic, partition, messages } = payload.batch
    const name = `${topic}:${partition}`
    for (const { offset, key, value, headers = {} } of messages) {
      // Throws where the group rebalances, and must: what is left of this batch may be another member's by now.
      await payload.heartbeat()
      for (const end = Date.now() + slow; Date.now() < end && payload.isRunning(); await payload.heartbeat())
        await sleep(Math.min(SLICE, end - Date.now()))
      if (!payload.isRunning() || payload.isStale() || holds.has(name)) return

      const count = holds.count(name, offset)
      const began = performance.now()
      const { event, ...result } = await attempt({ topic, partition, offset, key, value, headers }, count)
      const ms = result.outcome === 'retry' ? backoff(count) : undefined
      report({
        what: 'record',
        at: Date.now(),
        topic,
        partition,
        offset,
        ...result,
        took: Math.round(performance.now() - began),
        eventId: headerText(headers, 'ce_id') ?? null,
        productId: event?.product_id ?? null,
        version: event?.version ?? null,
        ...(key !== null && { key: key.toString() }),
        attempt: count,
        ...(ms !== undefined && { ms }),
      })
      if (ms !== undefined) {
        holds.hold(name, ms, payload.pause()) // its offset stays where it is
        return
      }
      holds.done(name)
      payload.resolveOffset(offset)
      await payload.commitOffsetsIfNecessary()
    }
  }

  async function leave() {
    holds.release()
    await settled.promise // who leaves in the middle of a join would be waited for by the others
    await close()
    report({ what: 'left', at: Date.now() })
  }

  const settings = { ...COMMIT, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 1, eachBatch: work }
  consumer.run(settings).catch(crashed.resolve) // resolves when it has joined, which may take its time
  return {
    crashed: crashed.promise,
    /** Finishes the record that it is at, commits and leaves. */
    stop: () => (stopped ??= leave()),
    /** From the next record on. */
    slow: (ms: number) => {
      slow = ms
      report({ what: 'slowed', at: Date.now(), ms })
    },
  }
}
