// Topics that are deleted, and that grow.

import { said, only } from '../asking.ts'
import { until } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { grow, remove, idOf, firstNode } from './asking-for-topics.ts'
import { CreatePartitions, DeleteTopics } from '../../protocol/topics.ts'

export const topicChangeChecks = [
  ...[1, 2, 3, 4, 5].map((version) =>
    check(
      `DeleteTopics ${version} deletes by name`,
      async (kafka) => {
        const name = await kafka.topic()
        const answer = await kafka.any.ask(DeleteTopics, { names: [name], timeout: 30_000 }, version)
        await until(async () => (await kafka.metadata([name])).topics[0]?.error === 3)
        return answer.topics.map((topic) => [topic.name === name, errorName(topic.error)])
      },
      [[true, 'NONE']],
    ),
  ),
  check(
    'a topic is deleted by its id',
    async (kafka) => {
      const name = await kafka.topic()
      const id = await idOf(kafka, name)
      const deleted = only(await remove(kafka, [{ id }]))
      await until(async () => (await kafka.metadata([name])).topics[0]?.error === 3)
      return [errorName(deleted.error), deleted.name === name, deleted.id === id]
    },
    ['NONE', true, true],
  ),
  check(
    'a name that no topic has cannot be deleted',
    async (kafka) => {
      const deleted = only(await remove(kafka, [{ name: 'conformance-nowhere' }]))
      return [errorName(deleted.error), deleted.name, deleted.message]
    },
    ['UNKNOWN_TOPIC_OR_PARTITION', 'conformance-nowhere', 'This server does not host this topic-partition.'],
  ),
  check(
    'an id that no topic has cannot be deleted',
    async (kafka) => {
      const deleted = only(await remove(kafka, [{ id: '0123456789abcdef0123456789abcdef' }]))
      return [errorName(deleted.error), deleted.name, deleted.message]
    },
    ['UNKNOWN_TOPIC_ID', null, 'This server does not host this topic ID.'],
  ),
  check(
    'a name and an id at once',
    async (kafka) => {
      const name = await kafka.topic()
      const deleted = only(await remove(kafka, [{ name, id: await idOf(kafka, name) }]))
      return said(deleted)
    },
    ['INVALID_REQUEST', 'You may not specify both topic name and topic id.'],
  ),
  check('neither a name nor an id', async (kafka) => said(only(await remove(kafka, [{}]))), [
    'INVALID_REQUEST',
    'Neither topic name nor id were specified.',
  ]),
  check(
    'a topic that is deleted twice in one request',
    async (kafka) => {
      const name = await kafka.topic()
      return (await remove(kafka, [{ name }, { name }])).map(({ error }) => errorName(error))
    },
    ['INVALID_REQUEST'],
  ),
  check(
    'a name can be used again, by another id and from offset 0',
    async (kafka) => {
      const name = await kafka.topic()
      const before = await idOf(kafka, name)
      await kafka.remove(name)
      await kafka.topic({ name })
      return before === (await idOf(kafka, name))
    },
    false,
  ),

  ...[0, 1, 2, 3].map((version) =>
    check(
      `CreatePartitions ${version} adds partitions`,
      async (kafka) => {
        const name = await kafka.topic()
        const [error] = await grow(kafka, name, 3, { version })
        await kafka.usable(name, 3)
        return error
      },
      'NONE',
    ),
  ),
  check(
    'as many as there are already are refused',
    async (kafka) => {
      const name = await kafka.topic()
      return grow(kafka, name, 1)
    },
    ['INVALID_PARTITIONS', 'Topic already has 1 partition(s).'],
  ),
  check(
    'fewer than there are are refused',
    async (kafka) => {
      const [error, message] = await grow(kafka, await kafka.topic({ partitions: 3 }), 2)
      return [error, message?.replace(/ conformance\S+/, ' NAME')]
    },
    ['INVALID_PARTITIONS', 'The topic NAME currently has 3 partition(s); 2 would not be an increase.'],
  ),
  check(
    'partitions of an unknown topic',
    async (kafka) => (await grow(kafka, 'conformance-nowhere', 3))[0],
    'UNKNOWN_TOPIC_OR_PARTITION',
  ),
  check(
    'as many assignments as new partitions are asked for',
    async (kafka) => {
      const assignments = [{ brokers: [await firstNode(kafka)] }]
      return grow(kafka, await kafka.topic({ replication: 1 }), 3, { assignments })
    },
    [
      'INVALID_REPLICA_ASSIGNMENT',
      'Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.',
    ],
  ),
  check(
    'a new partition on a broker that is none',
    async (kafka) => {
      const name = await kafka.topic({ replication: 1 })
      return grow(kafka, name, 2, { assignments: [{ brokers: [99] }] })
    },
    [
      'INVALID_REPLICA_ASSIGNMENT',
      'The manual partition assignment includes broker 99, but no such broker is registered.',
    ],
  ),
  check(
    'validate-only adds nothing',
    async (kafka) => {
      const name = await kafka.topic()
      const [error] = await grow(kafka, name, 4, { validateOnly: true })
      return [error, only((await kafka.metadata([name])).topics).partitions.length]
    },
    ['NONE', 1],
  ),
  check(
    'a topic twice in one request',
    async (kafka) => {
      const name = await kafka.topic()
      const topics = [2, 3].map((count) => ({ name, count, assignments: null }))
      const answer = await kafka.any.ask(CreatePartitions, { topics, timeout: 30_000 })
      return answer.topics.map(said)
    },
    [['INVALID_REQUEST', 'Duplicate topic name.']],
  ),
]
