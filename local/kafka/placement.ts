// Which nodes hold a partition: chosen here, or by an operator, who may move it (KIP-455). All replicas are one log, so
// that a partition is where it shall be at once.

import { fail } from './errors.ts'
import type { Node } from './node.ts'
import { NOBODY, type Replicated } from './partition.ts'

/** Replicas go round the nodes, those that live first. */
export function replicasOf(nodes: Node[], index: number, count: number) {
  const start = index % nodes.length
  return [...nodes.slice(start), ...nodes.slice(0, start)]
    .toSorted((a, b) => Number(b.live) - Number(a.live))
    .slice(0, count)
    .map(({ id }) => id)
}

/** Of these replicas those that live are in sync, and the first of them leads. */
export function placed(nodes: Node[], replicas: number[], epoch: number): Replicated {
  const isr = inSync(nodes, replicas)
  return { replicas, isr, leader: isr[0] ?? NOBODY, epoch, withheld: false }
}

export const inSync = (nodes: Node[], replicas: number[]) =>
  replicas.filter((id) => nodes.some((node) => node.id === id && node.live))

/** Throws where these cannot be the replicas of a partition, in the words of Apache Kafka 4.3.1. */
export function checkReplicas(nodes: Node[], replicas: number[], count = replicas.length) {
  const refuse = (because: string) =>
    fail('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment includes ${because}`)
  if (!replicas.length) refuse('an empty replica list.')
  const sorted = replicas.toSorted((a, b) => a - b)
  const twice = sorted.find((id, i) => id === sorted[i + 1])
  if (twice !== undefined) refuse(`the broker ${twice} more than once.`)
  const absent = sorted.find((id) => !nodes.some((node) => node.id === id))
  if (absent !== undefined) refuse(`broker ${absent}, but no such broker is registered.`)
  if (replicas.length !== count)
    refuse(
      `a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which ` +
        `have ${count} replica(s).`,
    )
}

type Wanted = { partitions: number; replication: number; assignments: { index: number; brokers: number[] }[] }

/** The replicas of a new topic's partitions that an operator chose, in the place of its numbers. */
export function checkAssignments(nodes: Node[], { partitions, replication, assignments }: Wanted) {
  const instead = (what: string) => `A manual partition assignment was specified, but ${what} was not set to -1.`
  if (replication !== -1) fail('INVALID_REQUEST', instead('replication factor'))
  if (partitions !== -1) fail('INVALID_REQUEST', instead('numPartitions'))
  const sorted = assignments.toSorted((a, b) => a.index - b.index)
  for (const [position, { index, brokers }] of sorted.entries()) {
    if (index === sorted[position - 1]?.index)
      fail('INVALID_REPLICA_ASSIGNMENT', `Found multiple manual partition assignments for partition ${index}`)
    checkReplicas(nodes, brokers, sorted[0]?.brokers.length)
  }
  if (sorted.some(({ index }, position) => index !== position))
    fail('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence')
  return sorted.map(({ brokers }) => brokers)
}
