import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { checkAssignments, checkReplicas } from '../placement.ts'
import { CreatePartitions, CreateTopics, DeleteTopics } from '../protocol/topics.ts'
import { checkCounts } from '../topic-rules.ts'
import { setConfigs, shownConfigs } from './configs.ts'
import { attempt, checkController, endpoint } from './endpoint.ts'

const NO_ID = '0'.repeat(32)
const DUPLICATE = { error: new KafkaError('INVALID_REQUEST').code, message: 'Duplicate topic name.' }

/** Who is named twice is refused, once for all of it. */
function apart<T extends { name: string | null }>(topics: T[]) {
  const counts = Map.groupBy(topics, ({ name }) => name)
  const twice = (name: string | null) => name !== null && (counts.get(name)?.length ?? 0) > 1
  return {
    once: topics.filter(({ name }) => !twice(name)),
    refused: [...counts.keys()].filter(twice).map((name) => ({ name: name ?? '', ...DUPLICATE })),
  }
}

export function topicRequests(cluster: Cluster) {
  const absent = (name: string | null) =>
    name === null
      ? fail('UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.')
      : fail('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
  /** A topic by its name or its id, never both. */
  const find = (name: string | null, id = NO_ID) => {
    if (name !== null && id !== NO_ID) fail('INVALID_REQUEST', 'You may not specify both topic name and topic id.')
    if (name === null && id === NO_ID) fail('INVALID_REQUEST', 'Neither topic name nor id were specified.')
    const found = name === null ? cluster.topics.values().find((topic) => topic.id === id) : cluster.topics.get(name)
    return found ?? absent(name)
  }

  return [
    endpoint(CreateTopics, ({ topics, validateOnly }, { node }) => {
      const { once, refused } = apart(topics)
      const made = cluster.saving(once, ({ name, partitions, replication, assignments, configs }) => ({
        name,
        ...attempt(() => {
          checkController(node)
          const assigned = assignments.length
            ? checkAssignments(cluster.nodes, { partitions, replication, assignments })
            : []
          if (!assigned.length) checkCounts(partitions, replication)
          const unset = configs.find(({ value }) => value === null)
          if (unset) fail('INVALID_CONFIG', `Null value not supported for topic configs: ${unset.name}`)
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
        }),
      }))
      return { topics: [...made, ...refused] }
    }),

    endpoint(DeleteTopics, ({ topics, names }, { node, version }) => {
      const { once, refused } = apart(version < 6 ? names.map((name) => ({ name, id: NO_ID })) : topics)
      const results = []
      for (const { name, id } of once) {
        const found = attempt(() => {
          checkController(node)
          return find(name, id)
        })
        if (!('error' in found)) cluster.deleteTopic(found)
        results.push('error' in found ? { name, id, ...found } : { name: found.name, id: found.id })
      }
      return { topics: [...results, ...refused] }
    }),

    endpoint(CreatePartitions, ({ topics, validateOnly }, { node }) => {
      const { once, refused } = apart(topics)
      const grown = cluster.saving(once, ({ name, count, assignments }) => ({
        name,
        ...attempt(() => {
          checkController(node)
          const topic = find(name)
          cluster.checkGrowth(topic, count)
          const more = count - topic.partitions.length
          if (assignments && assignments.length !== more)
            fail(
              'INVALID_REPLICA_ASSIGNMENT',
              `Attempted to add ${more} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
            )
          const assigned = assignments?.map(({ brokers }) => brokers)
          for (const replicas of assigned ?? [])
            checkReplicas(cluster.nodes, replicas, topic.partitions[0]?.replicas.length)
          if (!validateOnly) cluster.addPartitions(topic, count, assigned)
          return {}
        }),
      }))
      return { topics: [...grown, ...refused] }
    }),
  ]
}
