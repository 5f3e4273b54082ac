// An operator gives a partition back to its preferred leader (KIP-460), or to other nodes (KIP-455, KIP-860): that is
// done at once, so no reassignment is ever under way.

import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { electPreferred, NOBODY, type Partition } from '../partition.ts'
import { checkReplicas, inSync } from '../placement.ts'
import { AlterPartitionReassignments, ElectLeaders, ListPartitionReassignments } from '../protocol/leaders.ts'
import { attempt, checkController, distinctPartitions, eachPartition, endpoint } from './endpoint.ts'

const PREFERRED = 0 // the other kind elects from replicas that are not in sync, of which there are none

export function leaderRequests(cluster: Cluster) {
  const find = (topic: string, index: number) => {
    const { partitions } = cluster.topics.get(topic) ?? fail('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topic}`)
    return partitions[index] ?? fail('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topic}-${index}`)
  }

  const needsElection = ({ leader, replicas }: Partition, type: number) =>
    type === PREFERRED ? leader !== replicas[0] : leader === NOBODY

  const electLeader = (partition: Partition, type: number) => {
    if (!needsElection(partition, type)) fail('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.')
    if (type !== PREFERRED) fail('ELIGIBLE_LEADERS_NOT_AVAILABLE')
    cluster.settle((each, live) => (each === partition ? electPreferred(each, live) : each))
    if (partition.leader !== partition.replicas[0]) fail('PREFERRED_LEADER_NOT_AVAILABLE')
    return {}
  }

  const reassign = (name: string, index: number, replicas: number[] | null, mayResize: boolean) => {
    const topic =
      cluster.topics.get(name) ?? fail('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${name}.`)
    const partition =
      topic.partitions[index] ?? fail('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${name}:${index}.`)
    if (replicas === null) return fail('NO_REASSIGNMENT_IN_PROGRESS')
    const [before, after] = [partition.replicas.length, replicas.length]
    checkReplicas(cluster.nodes, replicas)
    if (!mayResize && before !== after)
      fail('INVALID_REPLICATION_FACTOR', `The replication factor is changed from ${before} to ${after}`)
    if (!inSync(cluster.nodes, replicas).length)
      fail('INVALID_REPLICA_ASSIGNMENT', 'None of these replicas lives, and a partition moves at once here.')
    cluster.reassign(partition, replicas)
    return {}
  }

  /** Where no partition is named, those that need it. */
  const inNeed = (type: number) =>
    [...cluster.topics.values()].map(({ name, partitions }) => ({
      name,
      partitions: [...partitions.keys()].filter((index) => needsElection(find(name, index), type)),
    }))

  return [
    endpoint(ElectLeaders, ({ type, topics }, { node }) => {
      checkController(node)
      const wanted = topics ? distinctPartitions(topics) : inNeed(type)
      return {
        results: wanted.map(({ name, partitions }) => ({
          topic: name,
          partitions: partitions.map((index) => ({
            index,
            ...attempt(() => electLeader(find(name, index), type)),
          })),
        })),
      }
    }),

    endpoint(AlterPartitionReassignments, ({ topics, mayResize }, { node }) => {
      checkController(node)
      return {
        mayResize,
        topics: eachPartition(topics, (name, index, { replicas }) => reassign(name, index, replicas, mayResize)),
      }
    }),

    endpoint(ListPartitionReassignments, () => ({})),
  ]
}
