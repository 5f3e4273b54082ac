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
  for (const [index, id] of replicas.entries()) {
    if (!nodes.some((node) => node.id === id)) refuse(`broker ${id}, but no such broker is registered.`)
    if (replicas.indexOf(id) < index) refuse(`the broker ${id} more than once.`)
  }
  if (replicas.length !== count)
    refuse(
      `a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${count} replica(s).`,
    )
}

type Assigned = { index: number; brokers: number[] }

/** What an operator chose for the partitions of a new topic, in their order. */
export function checkAssignments(nodes: Node[], assignments: Assigned[]) {
  const sorted = assignments.toSorted((a, b) => a.index - b.index)
  for (const [position, { index, brokers }] of sorted.entries()) {
    if (index === sorted[position - 1]?.index)
      fail('INVALID_REPLICA_ASSIGNMENT', `Found multiple manual partition assignments for partition ${index}`)
    checkReplicas(nodes, brokers, sorted[0]?.brokers.length)
    if (index !== position)
      fail('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence')
  }
  return sorted.map(({ brokers }) => brokers)
}
