import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { checkAssignments, checkReplicas } from '../placement.ts'
import { CreatePartitions, CreateTopics, DeleteTopics } from '../protocol/topics.ts'
import { setConfigs, shownConfigs } from './configs.ts'
import { attempt, checkController, endpoint } from './endpoint.ts'

/** Each topic once, and what throws for one that is named again. */
function byName<T extends { name: string }>(topics: T[]) {
  const all = Map.groupBy(topics, ({ name }) => name)
  const check = ({ name }: T) => {
    if ((all.get(name)?.length ?? 0) > 1) fail('INVALID_REQUEST', 'Duplicate topic name.')
  }
  return { named: [...all.values()].flatMap(([first]) => first ?? []), check }
}

export function topicRequests(cluster: Cluster) {
  return [
    endpoint(CreateTopics, ({ topics, validateOnly }, { node }) => {
      const { named, check } = byName(topics)
      const create = (asked: (typeof topics)[number]) => {
        const { name, partitions, replication, assignments, configs } = asked
        checkController(node)
        check(asked)
        const assigned = checkAssignments(cluster.nodes, assignments)
        const count = assigned.length || (partitions === -1 ? cluster.settings.partitions : partitions)
        const replicas = assigned[0]?.length ?? (replication === -1 ? undefined : replication)
        const topic = cluster.draftTopic(name, count, replicas, setConfigs(configs))
        if (!validateOnly) cluster.createTopic(topic, count, assigned)
        return {
          id: topic.id,
          partitions: count,
          replication: topic.replication,
          configs: shownConfigs(cluster, topic),
        }
      }
      return { topics: cluster.saving(named, (topic) => ({ name: topic.name, ...attempt(() => create(topic)) })) }
    }),

    endpoint(DeleteTopics, ({ topics, names }, { node, version }) => {
      const wanted = version < 6 ? names.map((name) => ({ name, id: undefined })) : topics
      const results = []
      for (const { name, id } of wanted) {
        const found = attempt(() => {
          checkController(node)
          return cluster.topic(name, id)
        })
        if (!('error' in found)) cluster.deleteTopic(found)
        results.push('error' in found ? { name, id, ...found } : { name: found.name, id: found.id })
      }
      return { topics: results }
    }),

    endpoint(CreatePartitions, ({ topics, validateOnly }, { node }) => {
      const { named, check } = byName(topics)
      const grow = (asked: (typeof topics)[number]) => {
        const { name, count, assignments } = asked
        checkController(node)
        check(asked)
        const topic = cluster.topic(name)
        cluster.checkGrowth(topic, count)
        const assigned = assignments?.map(({ brokers }) => brokers)
        const added = count - topic.partitions.length
        if (assigned && assigned.length !== added)
          fail(
            'INVALID_REPLICA_ASSIGNMENT',
            `Attempted to add ${added} additional partition(s), but only ${assigned.length} assignment(s) were specified.`,
          )
        for (const replicas of assigned ?? [])
          checkReplicas(cluster.nodes, replicas, topic.partitions[0]?.replicas.length)
        if (!validateOnly) cluster.addPartitions(topic, count, assigned)
        return {}
      }
      return { topics: cluster.saving(named, (topic) => ({ name: topic.name, ...attempt(() => grow(topic)) })) }
    }),
  ]
}
