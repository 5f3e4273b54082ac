// The event of a change: which types there are, and the topic of each.

import type { WriterConfig } from '../config.ts'

type EventType = 'product.created' | 'product.updated' | 'product.deleted'
export type Topics = Pick<WriterConfig, 'PRODUCTS_TOPIC' | 'PRODUCTS_CHANGED_TOPIC'>

/**
 * What an event knows besides its product: its id (a UUID), the W3C trace that it belongs to, and whether its request
 * waits until Kafka has it. Where a request makes several products, each event has an id of its own.
 */
export type EventContext = { eventId: string; traceparent?: string | undefined; awaited?: boolean }

/**
 * All changes go to one topic, so that those of one product stay in order; the creations are also the first thing that
 * anyone wants to read.
 */
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

/**
 * Whether events may still have to wait for a target ('TOPIC' or 'TOPIC:PARTITION'): not when they go elsewhere by now.
 */
export function isWaitedFor(target: string, topics: Topics): boolean {
  if (isUnknownType(target)) return !TOPICS.has(target.slice(UNKNOWN.length))
  return [topics.PRODUCTS_TOPIC, topics.PRODUCTS_CHANGED_TOPIC].includes(target.replace(/:\d+$/, ''))
}
