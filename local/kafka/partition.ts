// Who leads a partition. As in Kafka, a leader always comes from the in-sync replicas (ISR), so that it has all that
// was acknowledged, and each change of leader begins a new epoch, by which clients and brokers tell old knowledge from
// new. All replicas share one log in this process: a node that dies loses nothing, and one that returns is in sync at
// once.

import type { PartitionLog } from './log/partition-log.ts'

/** What a producer names. Its partitions are logs of their own. */
export type Topic = {
  name: string
  id: string
  partitions: Partition[]
  replication: number
  configs: Record<string, string>
}

export const NOBODY = -1

export type Leadership = { leader: number; epoch: number; isr: number[] }
export type Replicated = Leadership & {
  replicas: number[] // ids of nodes; the first is the preferred leader
  withheld: boolean // nobody may lead it
}
export type Partition = Replicated & { log: PartitionLog }

/** Gives a leadership as it becomes with these ids of nodes that live. */
export type Decide = (partition: Replicated, live: ReadonlySet<number>) => Leadership

/**
 * The leader stays while it can; its successor is the first replica in the ISR. Where none lives, those who were last
 * in the ISR remain in it.
 */
export const elect: Decide = ({ replicas, isr, leader, withheld, ...partition }, live) => {
  const inSync = isr.filter((id) => live.has(id))
  const able = inSync.includes(leader) ? leader : (replicas.find((id) => inSync.includes(id)) ?? NOBODY)
  return lead(
    withheld ? NOBODY : able,
    { replicas, isr: inSync.length ? inSync : isr, leader, withheld, ...partition },
    live,
  )
}

/** The same, but the preferred leader leads where it is in the ISR. */
export const electPreferred: Decide = (partition, live) => {
  const elected = elect(partition, live)
  const [preferred = NOBODY] = partition.replicas
  const able = elected.leader !== NOBODY && elected.isr.includes(preferred)
  return able ? lead(preferred, { ...partition, ...elected }, live) : elected
}

/** Hands the partition over to another leader, which must be in the ISR. */
export const handOver = (partition: Replicated, leader: number, live: ReadonlySet<number>): Leadership =>
  lead(leader, partition, live)

function lead(leader: number, partition: Replicated, live: ReadonlySet<number>): Leadership {
  return {
    leader,
    epoch: partition.leader === leader ? partition.epoch : partition.epoch + 1,
    isr: leader === NOBODY ? partition.isr : partition.replicas.filter((id) => live.has(id)), // who lives catches up with its leader
  }
}
