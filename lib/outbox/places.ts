// Where events go, and which of them have to wait: an event never passes another of its partition.

import { type PartitionMetadata, Partitioners } from 'kafkajs'
import { type ClusterView, leaderOf } from '../kafka/metadata.ts'
import type { PendingEvent } from './rows.ts'

/**
 * The events of a batch that go to one partition, in their order. `address` is its leader's, undefined where it has
 * none.
 */
export type Place = {
  target: string
  topic: string
  partition: number
  partitions: number
  address: string | undefined
  events: PendingEvent[]
}

const targetOf = (topic: string, partition: number) => `${topic}:${partition}`

const partitioner = Partitioners.DefaultPartitioner() // murmur2, as Java's: a key has the same partition for every client

/** The partition of a key, of so many. */
export const partitionOf = (topic: string, key: string, partitions: number) =>
  partitioner({ topic, partitionMetadata: metadataOf(partitions), message: { key, value: null } })

const known = new Map<number, PartitionMetadata[]>()
function metadataOf(partitions: number) {
  const metadata =
    known.get(partitions) ?? Array.from({ length: partitions }, (_, partitionId) => ({ ...ANY, partitionId }))
  known.set(partitions, metadata)
  return metadata
}
const ANY = { partitionErrorCode: 0, leader: 0, replicas: [], isr: [] }

/**
 * What a batch comes to: its events by partition; those that have to wait, and for what; and topics that cannot be
 * written.
 */
export type Placed = { places: Place[]; waiting: { id: number; target: string }[]; topics: Map<string, PendingEvent[]> }

/**
 * Sorts a batch. An event waits behind those that wait for its partition or its topic already. Those of a partition are
 * older than those of its topic, and both are older than all others: so one that waits for a topic may go on to wait
 * for a partition of it.
 */
export function place(
  events: PendingEvent[],
  view: ClusterView,
  topicOf: (event: PendingEvent) => string,
  held: Set<string>,
): Placed {
  const places = new Map<string, Place>()
  const waiting: Placed['waiting'] = []
  const topics: Placed['topics'] = new Map()
  for (const event of events) {
    const topic = topicOf(event)
    const partitions = view.topics.get(topic)?.leaders.length
    if (held.has(topic) && event.target === null) {
      waiting.push({ id: event.id, target: topic })
      continue
    }
    if (!partitions) {
      const unknown = topics.get(topic)
      if (unknown) unknown.push(event)
      else topics.set(topic, [event])
      continue
    }
    const partition = partitionOf(topic, event.key, partitions)
    const target = targetOf(topic, partition)
    if (held.has(target) && event.target !== target) {
      waiting.push({ id: event.id, target })
      continue
    }
    const found = places.get(target)
    if (found) found.events.push(event)
    else
      places.set(target, {
        target,
        topic,
        partition,
        partitions,
        address: leaderOf(view, topic, partition),
        events: [event],
      })
  }
  return { places: [...places.values()], waiting, topics }
}
