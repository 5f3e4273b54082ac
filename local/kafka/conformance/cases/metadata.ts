// What a cluster tells of itself.

import { committed, failed, only, byText } from '../asking.ts'
import { uniqueName, until } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { DescribeCluster, DescribeLogDirs, Metadata } from '../../protocol/metadata.ts'

const NO_ID = '0'.repeat(32)

export const metadataChecks = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((version) =>
    check(
      `version ${version} describes a topic`,
      async (kafka) => {
        const topic = await kafka.topic({ partitions: 2 })
        const answer = await kafka.any.ask(Metadata, { topics: [{ name: topic }], autoCreate: false }, version)
        const { error, name, internal, partitions } = only(answer.topics)
        const indexes = partitions.map(({ index }) => index).toSorted(byText)
        const led = partitions.every(
          ({ leader, isr }) => isr.includes(leader) && answer.brokers.some(({ id }) => id === leader),
        )
        return [errorName(error), name === topic, internal, indexes, led]
      },
      ['NONE', true, false, [0, 1], true],
    ),
  ),
  check(
    'no list of topics is all of them, from version 1 on',
    async (kafka) => {
      const topic = await kafka.topic()
      const { topics } = await kafka.any.ask(Metadata, { topics: null }, 1)
      return topics.some(({ name }) => name === topic)
    },
    true,
  ),
  check(
    'an empty list is all topics in version 0, and none later',
    async (kafka) => {
      const topic = await kafka.topic()
      const [first, later] = await Promise.all(
        [0, 1].map((version) => kafka.any.ask(Metadata, { topics: [] }, version)),
      )
      return [first?.topics.some(({ name }) => name === topic), later?.topics]
    },
    [true, []],
  ),
  check(
    'an unknown topic is not made where that is not wanted',
    async (kafka) => {
      const name = uniqueName('absent')
      const ask = () => kafka.any.ask(Metadata, { topics: [{ name }], autoCreate: false })
      await ask()
      return (await ask()).topics.map(({ error, partitions }) => [errorName(error), partitions])
    },
    [['UNKNOWN_TOPIC_OR_PARTITION', []]],
  ),
  check(
    'an unknown topic is made on first use, with the usual number of partitions',
    async (kafka) => {
      const name = uniqueName('used')
      const made = await until(async () => {
        const topic = only((await kafka.any.ask(Metadata, { topics: [{ name }], autoCreate: true })).topics)
        return topic.error === 0 && topic
      })
      return made.partitions.length > 1
    },
    true,
  ),
  ...[
    ['a name of a strange letter', 'naïve'],
    ['a name with a space', 'a b'],
    ['.', '.'],
    ['..', '..'],
    ['no name', ''],
    ['a name of 250 letters', 'x'.repeat(250)],
  ].map(([what = '', name = '']) =>
    check(
      `${what} is none of a topic`,
      async (kafka) => {
        const { topics } = await kafka.any.ask(Metadata, { topics: [{ name }], autoCreate: true }, 9)
        return topics.map(failed)
      },
      ['INVALID_TOPIC_EXCEPTION'],
    ),
  ),
  check(
    'a topic by its id',
    async (kafka) => {
      const topic = await kafka.topic()
      const { id } = only((await kafka.metadata([topic])).topics)
      const answer = await kafka.any.ask(Metadata, { topics: [{ id, name: null }], autoCreate: false }, 12)
      return [id !== NO_ID, answer.topics.map(({ error, name }) => [errorName(error), name === topic])]
    },
    [true, [['NONE', true]]],
  ),
  check(
    'an id that no topic has',
    async (kafka) => {
      const id = '0123456789abcdef0123456789abcdef'
      const answer = await kafka.any.ask(Metadata, { topics: [{ id, name: null }], autoCreate: false }, 12)
      return answer.topics.map(({ error, name, id: told }) => [errorName(error), name, told === id])
    },
    [['UNKNOWN_TOPIC_ID', null, true]],
  ),
  check(
    'an id together with a name',
    async (kafka) => {
      const topic = await kafka.topic()
      const { id } = only((await kafka.metadata([topic])).topics)
      const answer = await kafka.any.ask(Metadata, { topics: [{ id, name: topic }], autoCreate: false }, 12)
      return answer.topics.map(failed)
    },
    ['NONE'],
  ),
  check(
    'a topic that is named twice is told once',
    async (kafka) => {
      const name = await kafka.topic()
      return (await kafka.any.ask(Metadata, { topics: [{ name }, { name }], autoCreate: false })).topics.length
    },
    1,
  ),
  check(
    'what a client may do is told where it is asked',
    async (kafka) => {
      const name = await kafka.topic()
      const asked = { topics: [{ name }], autoCreate: false, clusterOperations: true, topicOperations: true }
      const told = await kafka.any.ask(Metadata, asked, 8)
      const silent = await kafka.any.ask(Metadata, { ...asked, clusterOperations: false, topicOperations: false }, 8)
      return [told, silent].map(({ clusterOperations, topics }) => [clusterOperations, only(topics).operations])
    },
    [
      [8_096, 3_576],
      [-2_147_483_648, -2_147_483_648],
    ],
  ),
  ...[0, 1].map((version) =>
    check(
      `DescribeCluster ${version} names the nodes`,
      async (kafka) => {
        const answer = await kafka.any.ask(DescribeCluster, { clusterOperations: true, endpointType: 1 }, version)
        const { clusterId } = await kafka.metadata([])
        const nodes = (await kafka.nodes()).map(({ id }) => id)
        const described = answer.brokers.map(({ id }) => id).toSorted(byText)
        return [errorName(answer.error), answer.clusterId === clusterId, described, answer.operations].map((each) =>
          Array.isArray(each) ? each.join() === nodes.toSorted(byText).join() : each,
        )
      },
      ['NONE', true, true, 8_096],
    ),
  ),
  check(
    'the controllers are not for clients of brokers to ask for',
    async (kafka) => {
      const answer = await kafka.any.ask(DescribeCluster, { clusterOperations: false, endpointType: 2 }, 1)
      return [errorName(answer.error), answer.brokers]
    },
    ['MISMATCHED_ENDPOINT_TYPE', []],
  ),
  check(
    'the id of the cluster is one of 22 letters',
    async (kafka) => {
      const { clusterId } = await kafka.metadata([])
      return /^[\w-]{22}$/.test(clusterId ?? '')
    },
    true,
  ),
  check(
    'the topic of committed offsets is internal',
    async (kafka) => {
      await committed(kafka, uniqueName('group'), await kafka.topic())
      const { topics } = await kafka.metadata(null)
      return topics.filter(({ internal, name }) => internal && name === '__consumer_offsets').length
    },
    1,
  ),
  ...[1, 2, 3, 4].map((version) =>
    check(
      `DescribeLogDirs ${version} tells the size of a partition`,
      async (kafka) => {
        const topic = await kafka.topic()
        const { results } = await kafka.any.ask(
          DescribeLogDirs,
          { topics: [{ name: topic, partitions: [0] }] },
          version,
        )
        return results.map(({ error, topics }) => [
          errorName(error),
          topics.flatMap(({ partitions }) => partitions.map(({ size, lag, future }) => [size, lag, future])),
        ])
      },
      [['NONE', [[0, 0, false]]]],
    ),
  ),
]
