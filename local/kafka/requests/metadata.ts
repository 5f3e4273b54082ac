import type { Cluster } from '../cluster.ts'
import type { Topic } from '../partition.ts'
import { fail, KafkaError } from '../errors.ts'
import { knownTo, type Node } from '../node.ts'
import { NOBODY } from '../partition.ts'
import { OPERATIONS } from '../protocol/common.ts'
import { DescribeCluster, DescribeLogDirs, Metadata } from '../protocol/metadata.ts'
import { attempt, checkController, distinct, endpoint } from './endpoint.ts'

const { code: LEADER_NOT_AVAILABLE } = new KafkaError('LEADER_NOT_AVAILABLE')

const [BROKERS, CONTROLLERS] = [1, 2] // types of endpoints (KIP-919)
const OF_CONTROLLERS =
  'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER'

export function metadataRequests(cluster: Cluster) {
  const { settings } = cluster
  const liveTo = (node: Node) => node.isolation?.nodes ?? cluster.live
  /** Any node passes on what is meant for the controller. */
  const brokers = (node: Node) => ({
    brokers: liveTo(node),
    clusterId: cluster.id,
    controllerId: liveTo(node)[0]?.id ?? NOBODY,
  })

  const describeTopic = ({ name, id, partitions }: Topic, node: Node) => {
    const live = liveTo(node)
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

  return [
    endpoint(DescribeCluster, ({ clusterOperations, endpointType }, { node }) => {
      if (endpointType === CONTROLLERS) fail('MISMATCHED_ENDPOINT_TYPE', OF_CONTROLLERS)
      if (endpointType !== BROKERS) fail('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${endpointType}`)
      return { ...brokers(node), operations: clusterOperations ? OPERATIONS.CLUSTER : undefined }
    }),

    endpoint(Metadata, ({ topics, autoCreate, ...asked }, { node, version }) => {
      const operations = asked.topicOperations ? OPERATIONS.TOPIC : undefined
      const describe = (topic: Topic) => ({ ...describeTopic(topic, node), operations })
      const find = (name: string | null, id: string) => {
        if (name === null || !autoCreate || cluster.topics.has(name)) return cluster.topic(name, id)
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
