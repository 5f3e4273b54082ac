// Dead letters: records that can never work, in a topic of their own, with the reason. Key, value and headers stay as
// they were.

import type { IHeaders } from 'kafkajs'
import { type ConsumedRecord, headerText } from './event.ts'
import { deadLetterTopic } from './kafka.ts'

/**
 * Kafka's own names, from KIP-1191:
 * https://cwiki.apache.org/confluence/display/KAFKA/KIP-1191%3A+Dead-letter+queues+for+share+groups
 */
const PREFIX = '__dlq.errors.'
/** The one group that a record is meant for when it is sent again. */
export const REPLAY_FOR = 'replay-for'

type Failure = { groupId: string; deliveries: number; error: unknown; at: Date }

/** What a dead letter says of itself. */
export type DeadLetter = ConsumedRecord & {
  /** Where it failed. */
  source: { topic: string; partition: number; offset: string }
  groupId: string
  deliveries: number
  message: string
  /** `ce_id`; null where the record has none. */
  eventId: string | null
}

/**
 * The record for the dead letter topic, which may have fewer partitions than that of the record: KIP-1191 says which is
 * taken then.
 */
export function deadLetter(
  { topic, partition, offset, key, value, headers }: ConsumedRecord,
  failure: Failure,
  partitions: number,
) {
  const { error, groupId, deliveries, at } = failure
  const [name, message] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)]
  const said = {
    topic,
    partition: String(partition),
    offset,
    group: groupId,
    'delivery.count': String(deliveries),
    message,
    exception: name, // this and the next are ours
    timestamp: at.toISOString(),
  }
  const more = Object.entries(said).map(([field, text]) => [PREFIX + field, text])
  return {
    topic: deadLetterTopic(topic),
    message: {
      partition: partition % partitions,
      key,
      value,
      headers: { ...headers, ...Object.fromEntries(more) } satisfies IHeaders,
    },
  }
}

/** Undefined for a record that is none of ours. */
export function readDeadLetter(record: ConsumedRecord): DeadLetter | undefined {
  const said = (field: string) => headerText(record.headers, PREFIX + field)
  const [topic, partition, offset, groupId] = [said('topic'), said('partition'), said('offset'), said('group')]
  if (topic === undefined || !/^\d+$/.test(partition ?? '') || offset === undefined || groupId === undefined)
    return undefined
  return {
    ...record,
    source: { topic, partition: Number(partition), offset },
    groupId,
    deliveries: Number(said('delivery.count')),
    message: said('message') ?? '',
    eventId: headerText(record.headers, 'ce_id') ?? null,
  }
}

/** By the clock of the member that gave the record up; 1970 where the letter does not say it. */
export const buriedAt = (headers: IHeaders) => new Date(headerText(headers, `${PREFIX}timestamp`) ?? 0)

/** The record as it was, for the group that failed and for nobody else. */
export function again({ source, groupId, key, value, headers }: DeadLetter) {
  const own = Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))
  return {
    topic: source.topic,
    message: {
      partition: source.partition,
      key,
      value,
      headers: { ...Object.fromEntries(own), [REPLAY_FOR]: groupId },
    },
  }
}
