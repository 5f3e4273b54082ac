// Topics by their names in order, so many partitions at once, and from where the last portion ended (KIP-966).

import type { Cluster } from '../cluster.ts'
import { KafkaError } from '../errors.ts'
import type { Node } from '../node.ts'
import { OPERATIONS } from '../protocol/common.ts'
import { DescribeTopicPartitions } from '../protocol/topic-partitions.ts'
import { describeTopic } from './describe-topic.ts'
import { attempt, endpoint } from './endpoint.ts'

const { code: INVALID } = new KafkaError('INVALID_REQUEST')
const MAX_PARTITIONS = 2_000 // at once, as Kafka's max.request.partition.size.limit

export const topicPartitionsRequest = (cluster: Cluster) =>
  endpoint(DescribeTopicPartitions, ({ topics, limit, cursor }, { node }) => {
    const asked = topics.length > 0
    const first = cursor ?? { topic: '', index: 0 }
    const elsewhere = cursor && asked && topics.every(({ name }) => name !== cursor.topic)
    if (first.index < 0 || elsewhere) return { topics: topics.map(({ name }) => ({ name, error: INVALID })) }
    const names = asked ? new Set(topics.map(({ name }) => name)) : cluster.topics.keys()
    const described: (ReturnType<typeof describe> & object)[] = []
    let room = Math.max(1, Math.min(limit, MAX_PARTITIONS))
    for (const name of [...names].filter((name) => name >= first.topic).toSorted()) {
      const topic = describe(cluster, name, node)
      if (!topic.partitions) {
        if (asked) described.push(topic)
        continue
      }
      if (!room) return { topics: described, next: { topic: name, index: 0 } }
      const from = name === first.topic ? first.index : 0
      const partitions = topic.partitions.slice(from, from + room)
      described.push({ ...topic, partitions })
      room -= partitions.length
      const end = from + partitions.length
      if (end < topic.partitions.length) return { topics: described, next: { topic: name, index: end } }
    }
    return { topics: described }
  })

/** Without partitions where there is no such topic. */
const describe = (cluster: Cluster, name: string, node: Node) => ({
  name,
  operations: OPERATIONS.TOPIC,
  partitions: undefined,
  ...attempt(() => {
    const { partitions, ...topic } = describeTopic(cluster, cluster.topic(name), node)
    return { ...topic, partitions: partitions.map((each) => ({ ...each, eligible: [], lastEligible: [] })) }
  }),
})
