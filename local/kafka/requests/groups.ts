import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import type { Node } from '../node.ts'
import { OPERATIONS } from '../protocol/common.ts'
import {
  DeleteGroups,
  DescribeGroups,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  SyncGroup,
} from '../protocol/groups.ts'
import { attempt, checkCoordinator, distinct, endpoint, ledGroup } from './endpoint.ts'

const TELLS_WHY = 6 // a version of DescribeGroups (KIP-1043)
const COORDINATED = [0, 1] // kinds of keys: groups, and transactional ids

export function groupRequests(cluster: Cluster) {
  /** A group that must be there already for a member's request to make sense. */
  const joinedGroup = (id: string, node: Node) =>
    cluster.groups.has(id) ? ledGroup(cluster, id, node) : fail('UNKNOWN_MEMBER_ID')

  const findCoordinator = (key: string, { isolation }: Node) => {
    const part = cluster.coordination(key)
    const { leader } = isolation?.coordinations.get(part) ?? part
    const { id, host, port } = cluster.nodes.find((node) => node.id === leader) ?? fail('COORDINATOR_NOT_AVAILABLE')
    return { node: id, host, port }
  }

  return [
    endpoint(FindCoordinator, ({ key, keys, type }, { node, version }) => {
      const find = (key: string) => (COORDINATED.includes(type) ? findCoordinator(key, node) : fail('INVALID_REQUEST'))
      return version < 4 ? find(key) : { coordinators: keys.map((key) => ({ key, ...attempt(() => find(key)) })) }
    }),
    endpoint(JoinGroup, (request, context) => ledGroup(cluster, request.group, context.node).join(request, context)),
    endpoint(SyncGroup, (request, { node }) => joinedGroup(request.group, node).sync(request)),
    endpoint(Heartbeat, (request, { node }) => {
      joinedGroup(request.group, node).heartbeat(request)
      return {}
    }),
    endpoint(LeaveGroup, ({ group: id, member, members }, { node, version }) => {
      const leave = (leaving: (typeof members)[number]) => {
        joinedGroup(id, node).leave(leaving)
        return {}
      }
      checkCoordinator(cluster, id, node)
      if (version < 3) return leave({ id: member, instance: null, reason: null })
      return { members: members.map((leaving) => ({ ...leaving, ...attempt(() => leave(leaving)) })) }
    }),

    endpoint(ListGroups, ({ states, types }, { node }) => {
      // Clients write the names each in their own way: Java's "Classic" is another's "classic".
      const wanted = (names: string[], name: string) =>
        !names.length || names.some((each) => each.toLowerCase() === name.toLowerCase())
      return {
        groups: [...cluster.groups.values()]
          .filter(({ id }) => cluster.coordination(id).leader === node.id)
          .map(({ id, protocolType, state, consumers }) =>
            consumers
              ? { group: id, protocolType: 'consumer', state: consumers.state, type: 'consumer' }
              : { group: id, protocolType, state, type: 'classic' },
          )
          .filter(({ state, type }) => wanted(states, state) && wanted(types, type)),
      }
    }),

    endpoint(DescribeGroups, ({ groups, groupOperations }, { node, version }) => ({
      groups: distinct(groups, (id) => id).map((id) => ({
        group: id,
        operations: groupOperations ? OPERATIONS.GROUP : undefined,
        state: 'Dead',
        ...attempt(() => {
          checkCoordinator(cluster, id, node)
          const found = cluster.groups.get(id)
          if (!found || found.consumers) {
            const why = found ? 'is not a classic group' : 'not found' // of KIP-848: another request tells
            return version < TELLS_WHY ? {} : fail('GROUP_ID_NOT_FOUND', `Group ${id} ${why}.`)
          }
          const { state, protocolType, protocol, members } = found
          return {
            state,
            protocolType,
            protocol: state === 'Stable' ? protocol : '',
            members: [...members.values()].map(({ protocols, ...member }) => ({
              ...member,
              metadata: protocols.find(({ name }) => name === protocol)?.metadata,
            })),
          }
        }),
      })),
    })),

    endpoint(DeleteGroups, ({ groups }, { node }) => ({
      groups: groups.map((id) => ({
        group: id,
        ...attempt(() => {
          if (!cluster.groups.has(id)) fail('GROUP_ID_NOT_FOUND')
          const { members, consumers } = ledGroup(cluster, id, node)
          if (members.size || consumers?.members.size) fail('NON_EMPTY_GROUP')
          cluster.offsets.forgetGroup(id)
          return {}
        }),
      })),
    })),
  ]
}
