import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import type { Node } from '../node.ts'
import { OffsetCommit, OffsetDelete, OffsetFetch, TxnOffsetCommit } from '../protocol/committed-offsets.ts'
import {
  attempt,
  checkCoordinator,
  distinct,
  distinctPartitions,
  eachPartition,
  endpoint,
  ledGroup,
} from './endpoint.ts'

const NOT_FOUND_SINCE = 9 // this version of OffsetCommit tells so
const MAX_METADATA = 4096 // characters, as Kafka counts for its offset.metadata.max.bytes

type Commit<P> = {
  group: string
  member: string
  instance: string | null
  generation: number
  topics: { name: string; partitions: P[] }[]
}

export function committedOffsetRequests(cluster: Cluster) {
  /** Commits offsets as `store` does it, where the group allows: all that may be committed at once. */
  const commit = <P extends { index: number; offset: number; metadata: string | null }>(
    request: Commit<P>,
    { node, version }: { node: Node; version: number },
    transactional: boolean,
    store: (offsets: (P & { topic: string })[]) => void,
  ) => {
    let allows: ((topic: string, index: number) => void) | undefined
    const allowed = attempt(() => {
      if (request.generation >= 0 && !cluster.groups.has(request.group))
        fail(transactional || version < NOT_FOUND_SINCE ? 'ILLEGAL_GENERATION' : 'GROUP_ID_NOT_FOUND')
      const group = ledGroup(cluster, request.group, node)
      if (group.consumers?.members.size) allows = group.consumers.committer(request, version, transactional)
      else group.checkCommit(request, transactional)
      return {}
    })
    const accepted: (P & { topic: string })[] = []
    const results = eachPartition(request.topics, (name, index, partition) => {
      if ('error' in allowed) return allowed
      cluster.partition(name, index)
      allows?.(cluster.topic(name).id, index)
      if (Math.abs(partition.offset) >= Number.MAX_SAFE_INTEGER) fail('OFFSET_OUT_OF_RANGE')
      if ((partition.metadata?.length ?? 0) > MAX_METADATA) fail('OFFSET_METADATA_TOO_LARGE')
      accepted.push({ ...partition, topic: name })
      return {}
    })
    const stored = attempt(() => {
      store(accepted)
      return {}
    })
    return 'error' in stored ? eachPartition(request.topics, () => stored) : results
  }

  const fetch = (
    id: string,
    topics: { name: string; partitions: number[] }[] | null,
    requireStable: boolean,
    node: Node,
    claim?: { member: string | null; memberEpoch: number },
  ) => {
    checkCoordinator(cluster, id, node)
    const { consumers } = cluster.groups.get(id) ?? {}
    if (claim && consumers?.members.size) consumers.checkFetch(claim)
    const offsets = cluster.groups.get(id)?.offsets
    const wanted = topics
      ? distinctPartitions(topics)
      : [...(offsets ?? [])].map(([name, partitions]) => ({ name, partitions: [...partitions.keys()] }))
    return {
      topics: eachPartition(wanted, (name, index) => {
        if (requireStable && cluster.transactions.unstable(id, name, index)) fail('UNSTABLE_OFFSET_COMMIT')
        return { ...offsets?.get(name)?.get(index) }
      }),
    }
  }

  return [
    endpoint(OffsetCommit, (request, context) => ({
      topics: commit(request, context, false, (offsets) => cluster.offsets.commit(request.group, offsets)),
    })),

    endpoint(TxnOffsetCommit, (request, context) => ({
      topics: commit(request, context, true, (offsets) =>
        cluster.transactions.hold(request.transactionalId, request, request.group, offsets),
      ),
    })),

    endpoint(OffsetFetch, ({ groups, group: id, topics, requireStable }, { node, version }) =>
      version < 8
        ? fetch(id, topics, requireStable, node)
        : {
            groups: distinct(groups, ({ group }) => group).map(({ group, topics, ...claim }) => ({
              group,
              ...attempt(() => fetch(group, topics, requireStable, node, claim)),
            })),
          },
    ),

    endpoint(OffsetDelete, ({ group: id, topics }, { node }) => {
      if (!cluster.groups.has(id)) fail('GROUP_ID_NOT_FOUND')
      const { state, consumers } = ledGroup(cluster, id, node)
      if ((consumers?.state ?? state) !== 'Empty') fail('NON_EMPTY_GROUP')
      return {
        topics: eachPartition(topics, (topic, index) => {
          cluster.offsets.forget(id, [{ topic, index }])
          return {}
        }),
      }
    }),
  ]
}
