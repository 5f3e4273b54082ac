// A topic and its partitions, as a node knows them.

import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { knownTo, type Node } from '../node.ts'
import { NOBODY, type Topic } from '../partition.ts'

const { code: LEADER_NOT_AVAILABLE } = new KafkaError('LEADER_NOT_AVAILABLE')

export const liveTo = (cluster: Cluster, node: Node) => node.isolation?.nodes ?? cluster.live

export function describeTopic(cluster: Cluster, { name, id, partitions }: Topic, node: Node) {
  const live = liveTo(cluster, node)
  const described = partitions.flatMap((partition, index) => {
    const known = knownTo(node, partition)
    if (!known) return []
    const { replicas } = partition
    const { leader, epoch: leaderEpoch, isr } = known
    const error = leader === NOBODY ? LEADER_NOT_AVAILABLE : 0
    return {
      error,
      index,
      leader,
      leaderEpoch,
      replicas,
      isr,
      offline: replicas.filter((id) => live.every((node) => node.id !== id)),
    }
  })
  return described.length ? { name, id, partitions: described } : fail('UNKNOWN_TOPIC_OR_PARTITION')
}
