// One attempt at one record, and what became of it. Never throws.

import type { Producer } from 'kafkajs'
import type pg from 'pg'
import { errorMessage } from '../machine/error-message.ts'
import type { App, Effect } from './app.ts'
import { deadLetter, REPLAY_FOR } from './dead-letters.ts'
import { type ConsumedRecord, headerText, Poison, type ProductEvent, readEvent } from './event.ts'
import { deliver } from './inbox.ts'
import { deadLetterTopic } from './kafka.ts'
import type { Place, RecordReport } from './reports.ts'

export type Attempt = Pick<RecordReport, 'outcome' | 'did' | 'reason' | 'letter'> & { event?: ProductEvent | undefined }

type Group = {
  app: App
  effect: Effect
  groupId: string
  pool: pg.Pool
  producer: Producer
  /** How many each topic has. */
  partitions: Map<string, number>
}

/** `count` is 1 for the first attempt. */
export async function attemptRecord(group: Group, record: ConsumedRecord, count: number): Promise<Attempt> {
  const aimedAt = headerText(record.headers, REPLAY_FOR)
  // Nothing is remembered of it, or a later redrive to this group would be taken for a duplicate.
  if (aimedAt !== undefined && aimedAt !== group.groupId) return { outcome: 'skipped' }
  let event: ProductEvent | undefined
  try {
    event = readEvent(record)
    return { ...(await deliver(group.pool, group, event, record)), event }
  } catch (error) {
    if (!(error instanceof Poison)) return { outcome: 'retry', reason: errorMessage(error), event }
    try {
      return { outcome: 'dead', reason: error.message, letter: await bury(group, record, error, count), event }
    } catch (cause) {
      return { outcome: 'retry', reason: `it cannot be made a dead letter: ${errorMessage(cause)}`, event }
    }
  }
}

/**
 * Resolves when Kafka has it, on all replicas in sync. A crash after that makes a second one with the same `ce_id`,
 * which does no harm.
 */
async function bury(
  { groupId, producer, partitions }: Group,
  record: ConsumedRecord,
  error: Poison,
  deliveries: number,
): Promise<Place> {
  const count = partitions.get(deadLetterTopic(record.topic)) ?? 1
  const { topic, message } = deadLetter(record, { groupId, deliveries, error, at: new Date() }, count)
  const [sent] = await producer.send({ topic, messages: [message], acks: -1 })
  return { topic, partition: message.partition, offset: sent?.baseOffset ?? '' }
}
