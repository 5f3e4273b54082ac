// The event of a change: a Kafka record that is written to the outbox by the statement that makes the change.

import type { WriterConfig } from './config.ts'
import type { Sql } from './database.ts'

type EventType = 'product.created' | 'product.updated' | 'product.deleted'
export type Topics = Pick<WriterConfig, 'PRODUCTS_TOPIC' | 'PRODUCTS_CHANGED_TOPIC'>

/** What an event knows besides its product: the W3C trace that it belongs to, and whether its request waits until Kafka has it. */
export type EventContext = { traceparent?: string | undefined; awaited?: boolean }

/** All changes go to one topic, so that those of one product stay in order; the creations are also the first thing that anyone wants to read. */
const TOPICS = new Map<string, keyof Topics>([
  ['product.created', 'PRODUCTS_TOPIC'],
  ['product.updated', 'PRODUCTS_CHANGED_TOPIC'],
  ['product.deleted', 'PRODUCTS_CHANGED_TOPIC'],
] satisfies [EventType, keyof Topics][])

const UNKNOWN = '?' // is in no topic's name

/** The topic for events of a type. For a type that this code does not know it is none that Kafka could have. */
export function topicOf(type: string, topics: Topics): string {
  const name = TOPICS.get(type)
  return name ? topics[name] : UNKNOWN + type
}
export const isUnknownType = (topic: string) => topic.startsWith(UNKNOWN)

/** Whether events may still have to wait for a target ('TOPIC' or 'TOPIC:PARTITION'): not when they go elsewhere by now. */
export function isWaitedFor(target: string, topics: Topics): boolean {
  if (isUnknownType(target)) return !TOPICS.has(target.slice(UNKNOWN.length))
  return [topics.PRODUCTS_TOPIC, topics.PRODUCTS_CHANGED_TOPIC].includes(target.replace(/:\d+$/, ''))
}

/** What the payload says after the fields of the product. */
const more = (sql: Sql, type: EventType) =>
  ({
    'product.created': sql``,
    'product.updated': sql`, version, rfc3339(happened_at) as updated_at`,
    'product.deleted': sql`, version, rfc3339(happened_at) as deleted_at`,
  })[type]

/**
 * What a change returns for `productEvent`: the columns of the table after it, and the id and the moment of its event.
 * A change happens when its row is locked, so its moment is later than that of every change before it; a creation has none before it.
 */
export const changedColumns = (sql: Sql, type: EventType) => sql`
  id, name, price, quantity, created_at, ${type === 'product.deleted' ? sql`version + 1` : sql`version`} as version,
  gen_random_uuid() as event_id, ${type === 'product.created' ? sql`created_at` : sql`clock_timestamp()`} as happened_at`

/**
 * The CTE that writes the event of each row in the CTE `product`, which is what a change has returned.
 * Headers are CloudEvents 1.0 in Kafka's binary mode:
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export const productEvent = (sql: Sql, type: EventType, { traceparent = '', awaited = false }: EventContext) => sql`
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, ${awaited}, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif(${traceparent}, '')))
    from product, lateral (
      select ${type}::text as type, id as product_id, name as pname, price::text, quantity, rfc3339(created_at) as created_at${more(sql, type)}
    ) as payload
    order by product.id
  )`
