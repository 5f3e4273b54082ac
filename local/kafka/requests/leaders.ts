// An operator gives a partition back to its preferred leader (KIP-460). Replicas never move from node to node here, so
// no reassignment is ever under way.

import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { electPreferred, NOBODY, type Partition } from '../partition.ts'
import { ElectLeaders, ListPartitionReassignments } from '../protocol/leaders.ts'
import { attempt, checkController, distinctPartitions, endpoint } from './endpoint.ts'

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

    endpoint(ListPartitionReassignments, () => ({})),
  ]
}
