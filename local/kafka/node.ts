import type { Leadership, Partition, Replicated } from './partition.ts'

/**
 * One broker, at the `host` that clients are told, and listening on the address `bind`. `live`: the others count on it;
 * they do neither on one that is down nor on one that is cut off.
 */
export type Node = { id: number; host: string; bind: string; port: number; live: boolean; isolation?: Isolation }

/**
 * Of a partition, when its node was cut off: where its records ended, and how many were taken since then that nobody
 * else has.
 */
type Stale = Leadership & { end: number; lost: number }

/** What a node knew when it was cut off from the others, which is what it tells its clients until it is `over`. */
type Isolation = {
  nodes: Node[]
  partitions: Map<Replicated, Stale>
  coordinations: Map<Replicated, Leadership>
  over: AbortController
}

/** How a node is cut off, knowing what it knows now. */
export const isolation = (nodes: Node[], partitions: Partition[], coordinations: Replicated[]): Isolation => ({
  nodes,
  partitions: new Map(
    partitions.map((partition) => {
      const { leader, epoch, isr, log } = partition
      return [partition, { leader, epoch, isr, end: log.end, lost: 0 }]
    }),
  ),
  coordinations: new Map(coordinations.map((each) => [each, { ...each }])),
  over: new AbortController(),
})

/** A partition as the node knows it; undefined where it is younger than what the node knows. */
export const knownTo = ({ isolation }: Node, partition: Replicated): (Leadership & { end?: number }) | undefined =>
  isolation ? isolation.partitions.get(partition) : partition
