import type { Cluster, Topic } from '../cluster.ts'
import { fail } from '../errors.ts'
import { DescribeAcls, DescribeCluster, DescribeLogDirs, Metadata } from '../protocol/cluster.ts'
import { attempt, endpoint } from './endpoint.ts'

export function clusterRequests(cluster: Cluster) {
  const { settings } = cluster
  const brokers = () => ({ brokers: cluster.nodes, clusterId: cluster.id, controllerId: cluster.controller.id })

  const describeTopic = (topic: Topic) => ({
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions.map((_, index) => {
      const replicas = cluster.replicas(topic, index)
      return { index, leader: replicas[0], replicas, isr: replicas }
    }),
  })

  return [
    endpoint(DescribeCluster, brokers),

    endpoint(Metadata, ({ topics, autoCreate }, { version }) => {
      const find = (name: string | null, id: string) =>
        name !== null && autoCreate && settings.autoCreate && !cluster.topics.has(name)
          ? cluster.createTopic(cluster.draftTopic(name, settings.partitions), settings.partitions)
          : cluster.topic(name, id)
      const all = topics === null || (version === 0 && !topics.length)
      return {
        ...brokers(),
        topics: all
          ? [...cluster.topics.values()].map(describeTopic)
          : topics.map(({ name, id }) => ({ name, id, ...attempt(() => describeTopic(find(name, id))) })),
      }
    }),

    endpoint(DescribeLogDirs, ({ topics }, { node }) => {
      const wanted = (name: string, index: number) => !topics || topics.some((t) => t.name === name && t.partitions.includes(index))
      const held = (topic: Topic) =>
        topic.partitions
          .map(({ size }, index) => ({ index, size }))
          .filter(({ index }) => cluster.replicas(topic, index).includes(node.id) && wanted(topic.name, index))
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

    endpoint(DescribeAcls, () => fail('SECURITY_DISABLED', 'No Authorizer is configured.')),
  ]
}
