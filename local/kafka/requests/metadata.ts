import type { Cluster } from '../cluster.ts'
import type { Topic } from '../partition.ts'
import { fail } from '../errors.ts'
import type { Node } from '../node.ts'
import { NOBODY } from '../partition.ts'
import { OPERATIONS } from '../protocol/common.ts'
import { DescribeCluster, DescribeLogDirs, Metadata } from '../protocol/metadata.ts'
import { isInternal } from '../topic-names.ts'
import { describeTopic, liveTo } from './describe-topic.ts'
import { attempt, checkController, distinct, endpoint } from './endpoint.ts'

const ENDPOINT = { BROKER: 1, CONTROLLER: 2 } // types of endpoints (KIP-919)

export function metadataRequests(cluster: Cluster) {
  const { settings } = cluster
  /** Any node passes on what is meant for the controller. */
  const brokers = (node: Node) => ({
    brokers: liveTo(cluster, node),
    clusterId: cluster.id,
    controllerId: liveTo(cluster, node)[0]?.id ?? NOBODY,
  })

  return [
    endpoint(DescribeCluster, ({ clusterOperations, endpointType, fenced }, { node }) => {
      if (endpointType === ENDPOINT.CONTROLLER)
        fail(
          'MISMATCHED_ENDPOINT_TYPE',
          'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
        )
      if (endpointType !== ENDPOINT.BROKER)
        fail('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${endpointType}`)
      const live = new Set(liveTo(cluster, node))
      return {
        ...brokers(node),
        brokers: (fenced ? cluster.nodes : [...live]).map((each) => ({ ...each, fenced: !live.has(each) })),
        operations: clusterOperations ? OPERATIONS.CLUSTER : undefined,
      }
    }),

    endpoint(Metadata, ({ topics, autoCreate, ...asked }, { node, version }) => {
      const operations = asked.topicOperations ? OPERATIONS.TOPIC : undefined
      const describe = (topic: Topic) => ({ ...describeTopic(cluster, topic, node), operations })
      const find = (name: string | null, id: string) => {
        if (name === null || !autoCreate || cluster.topics.has(name) || isInternal(name)) return cluster.topic(name, id)
        checkController(node)
        return cluster.createTopic(cluster.draftTopic(name, settings.partitions), settings.partitions)
      }
      const all = topics === null || (version === 0 && !topics.length)
      const everything = () =>
        [...cluster.topics.values()]
          .map((topic) => attempt(() => describe(topic)))
          .filter((topic) => !('error' in topic))
      return {
        ...brokers(node),
        clusterOperations: asked.clusterOperations ? OPERATIONS.CLUSTER : undefined,
        topics: all
          ? everything()
          : cluster.saving(
              distinct(topics, ({ name, id }) => name ?? `/${id}`),
              ({ name, id }) => ({ name, id, ...attempt(() => describe(find(name, id))) }),
            ),
      }
    }),

    endpoint(DescribeLogDirs, ({ topics }, { node }) => {
      const wanted = (name: string, index: number) =>
        !topics || topics.some((t) => t.name === name && t.partitions.includes(index))
      const held = (topic: Topic) =>
        topic.partitions
          .map(({ replicas, log }, index) => ({ replicas, index, size: log.size }))
          .filter(({ replicas, index }) => replicas.includes(node.id) && wanted(topic.name, index))
      return {
        results: [
          {
            dir: settings.folder ?? '(memory)',
            topics: [...cluster.topics.values()]
              .map((topic) => ({ name: topic.name, partitions: held(topic) }))
              .filter(({ partitions }) => partitions.length),
          },
        ],
      }
    }),
  ]
}
