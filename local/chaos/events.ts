// A record as the event that it should be.

import * as z from 'zod'
import type { TopicRecord } from '../rig/read-topics.ts'
import type { Change } from '../rig/history.ts'

const Payload = z.object({
  type: z.enum(['product.created', 'product.updated', 'product.deleted']),
  product_id: z.number(),
  pname: z.string(),
  price: z.string(),
  quantity: z.number(),
  version: z.number().optional(),
})

/** `change` is undefined where the record says nothing of a product. */
export type Event = TopicRecord & { eventId: string; change: Change | undefined }

export const toEvent = (record: TopicRecord): Event => ({
  ...record,
  eventId: record.headers.ce_id ?? `none at ${record.topic} ${record.partition} ${record.offset}`,
  change: parseChange(record),
})

function parseChange({ value }: TopicRecord): Change | undefined {
  try {
    const { type, product_id: id, pname: name, price, quantity, version = 1 } = Payload.parse(JSON.parse(value))
    return { type, id, version, name, price, quantity }
  } catch {
    return undefined
  }
}

export const nameOf = ({ type, id, version }: Change) => `${type} ${id} version ${version}`
export const versionOf = ({ change }: Event) => change?.version ?? 0

export const describe = ({ topic, partition, offset, key, value, eventId }: Event) =>
  `${topic.split('.')[1]} ${partition}/${offset} key ${key}: ${value} (${eventId})`
