// Groups of the new protocol (KIP-848): the broker assigns the partitions.

import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { byTopic } from '../groups/assignors.ts'
import { ConsumerGroup } from '../groups/consumer-group.ts'
import { checkHeartbeat } from '../groups/consumer-member.ts'
import { OPERATIONS } from '../protocol/common.ts'
import { ConsumerGroupDescribe, ConsumerGroupHeartbeat } from '../protocol/consumer-groups.ts'
import { attempt, distinct, endpoint, ledGroup } from './endpoint.ts'

const SPEAKS_IT = 1 // the type of a member that is not of a classic group

export function consumerGroupRequests(cluster: Cluster) {
  const named = (keys: Iterable<string>) => {
    const names = new Map([...cluster.topics.values()].map(({ id, name }) => [id, name]))
    return { topics: byTopic(keys).map(({ id, partitions }) => ({ id, name: names.get(id) ?? '', partitions })) }
  }

  return [
    endpoint(ConsumerGroupHeartbeat, (request, context) => {
      checkHeartbeat(request, context.version)
      if (request.epoch !== 0 && !cluster.groups.has(request.group))
        fail('GROUP_ID_NOT_FOUND', `Group ${request.group} not found.`)
      const group = ledGroup(cluster, request.group, context.node)
      // Kafka would take a live classic group over, member by member.
      if (group.members.size) fail('GROUP_ID_NOT_FOUND', `Group ${request.group} is not a consumer group.`)
      const consumers = group.consumers ?? new ConsumerGroup(() => cluster.topics.values())
      const answer = consumers.heartbeat(request, context)
      group.consumers = consumers
      return answer
    }),

    endpoint(ConsumerGroupDescribe, ({ groups, groupOperations }, { node }) => ({
      groups: distinct(groups, (id) => id).map((id) => ({
        group: id,
        operations: groupOperations ? OPERATIONS.GROUP : undefined,
        ...attempt(() => {
          if (!cluster.groups.has(id)) return fail('GROUP_ID_NOT_FOUND', `Group ${id} not found.`)
          const { consumers } = ledGroup(cluster, id, node)
          if (!consumers) return fail('GROUP_ID_NOT_FOUND', `Group ${id} is not a consumer group.`)
          const { state, epoch, assignor, members, targets } = consumers
          return {
            state,
            epoch,
            assignmentEpoch: epoch,
            assignor,
            members: [...members.values()].map(({ assigned, ...member }) => ({
              ...member,
              assignment: named(assigned.keys()),
              target: named(targets.get(member.id) ?? []),
              type: SPEAKS_IT,
            })),
          }
        }),
      })),
    })),
  ]
}
