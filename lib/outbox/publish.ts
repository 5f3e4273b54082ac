// Sends a batch in order, and finds out what in it stands in the way.

import type { Sql } from '../database.ts'
import { kafkaErrorName, KafkaTimeout, type Producer } from '../kafka.ts'
import { log } from '../log.ts'
import { bury, hold, type PendingEvent } from './lease.ts'

/** What no repetition mends. A short list: KafkaJS calls far more errors final, a missing permission among them.
 *  https://kafka.apache.org/protocol#protocol_error_codes */
const REFUSED = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'])

/** What keeps a topic from being written, and leaves other topics alone. */
const UNWRITABLE = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'LEADER_NOT_AVAILABLE',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
])

export type Publication = {
  sql: Sql
  open: () => Producer
  startBy: number // ms since the epoch after which no send may start: its answer could outlast the lease
  now: () => number
  acknowledged: number[] // ids of the events that Kafka has, filled in here
}

/**
 * Publishes the events in order. Of a batch that Kafka refuses it sends the halves, down to the one event that is the cause, which is set
 * aside; of one with a topic that cannot be written it sends the topics one by one, and holds back that topic from then on.
 * Throws where Kafka cannot be used, and where a send would start too late.
 */
export async function publish(
  events: PendingEvent[],
  producer: Producer,
  publication: Publication,
  held = new Set<string>(),
): Promise<void> {
  const { sql, open, startBy, now, acknowledged } = publication
  const [event] = events
  if (!event || held.has(event.topic)) return
  if (now() > startBy) throw new KafkaTimeout('The batch was not sent: the lease could end before Kafka answers')
  const topics = [...Map.groupBy(events, ({ topic }) => topic)]
  try {
    await producer.send(topics.map(([topic, events]) => ({ topic, messages: events.map(toMessage) })))
    acknowledged.push(...events.map(({ id }) => id))
  } catch (error) {
    const reason = kafkaErrorName(error)
    if (topics.length > 1 && (REFUSED.has(reason) || UNWRITABLE.has(reason))) {
      for (const [, events] of topics) {
        const own = open() // KafkaJS goes on asking for a topic without a leader, whatever is to be sent
        await publish(events, own, publication, held).finally(() => own.close())
      }
    } else if (UNWRITABLE.has(reason)) {
      log('error', 'a topic cannot be written', { topic: event.topic, error: reason })
      held.add(event.topic) // also for what is left of this batch: the order of a key is kept
      await hold(sql, event.topic, reason)
    } else if (REFUSED.has(reason) && events.length === 1) {
      log('error', 'Kafka refuses an event for good', { topic: event.topic, key: event.key, eventId: event.headers.ce_id, error: reason })
      await bury(sql, event.id, reason)
    } else if (REFUSED.has(reason)) {
      await publish(events.slice(0, events.length / 2), producer, publication, held)
      await publish(events.slice(events.length / 2), producer, publication, held)
    } else throw error
  }
}

const toMessage = ({ key, payload, headers }: PendingEvent) => ({ key, value: payload, headers })
