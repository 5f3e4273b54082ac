// The event of a change: a Kafka record that is written to the outbox by the statement that makes the change.

import type { WriterConfig } from './config.ts'
import type { Sql } from './database.ts'

type EventType = 'product.created' | 'product.updated' | 'product.deleted'

type Topics = Pick<WriterConfig, 'PRODUCTS_TOPIC' | 'PRODUCTS_CHANGED_TOPIC'>

/** What an event knows besides its product: where it goes, and the W3C trace that it belongs to. */
export type EventContext = { config: Topics; traceparent: string | undefined }

/** All changes go to one topic, so that those of one product stay in order; the creations are also the first thing that anyone wants to read. */
const topicOf = (type: EventType, { PRODUCTS_TOPIC, PRODUCTS_CHANGED_TOPIC }: Topics) =>
  type === 'product.created' ? PRODUCTS_TOPIC : PRODUCTS_CHANGED_TOPIC

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
export const productEvent = (sql: Sql, type: EventType, { config, traceparent = '' }: EventContext) => sql`
  pending as (
    insert into outbox (event_id, topic, key, payload, headers)
    select event_id, ${topicOf(type, config)}, id::text, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif(${traceparent}, '')))
    from product, lateral (
      select ${type}::text as type, id as product_id, name as pname, price::text, quantity, rfc3339(created_at) as created_at${more(sql, type)}
    ) as payload
    order by product.id
  )`
