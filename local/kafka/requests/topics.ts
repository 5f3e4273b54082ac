import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { CreatePartitions, CreateTopics, DeleteTopics } from '../protocol/topics.ts'
import { setConfigs, shownConfigs } from './configs.ts'
import { attempt, checkController, endpoint } from './endpoint.ts'

export function topicRequests(cluster: Cluster) {
  /** Which brokers hold a partition follows from its number, so an assignment is checked, but only its size counts. */
  const checkReplicas = (ids: number[]) => {
    if (!ids.length || ids.some((id) => !cluster.nodes.some((node) => node.id === id)))
      fail('INVALID_REPLICA_ASSIGNMENT')
  }

  return [
    endpoint(CreateTopics, ({ topics, validateOnly }, { node }) => ({
      topics: cluster.saving(topics, ({ name, partitions, replication, assignments, configs }) => ({
        name,
        ...attempt(() => {
          checkController(node)
          for (const { brokers } of assignments) checkReplicas(brokers)
          const count = assignments.length || (partitions === -1 ? cluster.settings.partitions : partitions)
          const replicas = assignments[0]?.brokers.length ?? (replication === -1 ? undefined : replication)
          const topic = cluster.draftTopic(name, count, replicas, setConfigs(configs))
          if (!validateOnly) cluster.createTopic(topic, count)
          return {
            id: topic.id,
            partitions: count,
            replication: topic.replication,
            configs: shownConfigs(cluster, topic),
          }
        }),
      })),
    })),

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

    endpoint(CreatePartitions, ({ topics, validateOnly }, { node }) => ({
      topics: cluster.saving(topics, ({ name, count, assignments }) => ({
        name,
        ...attempt(() => {
          checkController(node)
          for (const { brokers } of assignments ?? []) checkReplicas(brokers)
          const topic = cluster.topic(name)
          cluster.checkGrowth(topic, count)
          if (!validateOnly) cluster.addPartitions(topic, count)
          return {}
        }),
      })),
    })),
  ]
}
