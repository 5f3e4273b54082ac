// Topics in portions, as Apache Kafka 4.3.1 gives them.

import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker } from '../fixtures.ts'
import { Metadata } from '../protocol/metadata.ts'
import { DescribeTopicPartitions } from '../protocol/topic-partitions.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

/** Topics a and b, of three partitions each. */
async function openTopics() {
  const ask = await openClient((await startBroker()).brokers)
  await ask(Metadata, 9, { topics: [{ name: 'b' }, { name: 'a' }] })
  return async (names: string[], asked: { limit?: number; cursor?: { topic: string; index: number } } = {}) => {
    const topics = names.map((name) => ({ name }))
    const { next, ...answer } = await ask(DescribeTopicPartitions, 0, { topics, ...asked })
    const found = answer.topics.map(({ name, error, partitions }) => [
      name,
      error,
      partitions.map(({ index }) => index).join(),
    ])
    return { found, next, topics: answer.topics }
  }
}

test('topics come in the order of their names, with all that Metadata tells of their partitions', async () => {
  const describe = await openTopics()
  const whole = [
    ['a', 0, '0,1,2'],
    ['b', 0, '0,1,2'],
  ]
  const unknown = ['none', code('UNKNOWN_TOPIC_OR_PARTITION'), '']
  expect(await describe([])).toMatchObject({ found: whole, next: null })
  expect(await describe(['none', 'b', 'a', 'b'])).toMatchObject({ found: [...whole, unknown], next: null })
  expect((await describe(['a'])).topics[0]).toMatchObject({
    operations: 3576,
    partitions: [
      { leader: 0, leaderEpoch: 0, replicas: [0], isr: [0], eligible: [], lastEligible: [], offline: [] },
      {},
      {},
    ],
  })
})

test.each([
  [2, undefined, [['a', 0, '0,1']], { topic: 'a', index: 2 }],
  [3, undefined, [['a', 0, '0,1,2']], { topic: 'b', index: 0 }],
  [0, undefined, [['a', 0, '0']], { topic: 'a', index: 1 }],
  [
    2,
    { topic: 'a', index: 2 },
    [
      ['a', 0, '2'],
      ['b', 0, '0'],
    ],
    { topic: 'b', index: 1 },
  ],
  [
    5,
    { topic: 'a', index: 7 },
    [
      ['a', 0, ''],
      ['b', 0, '0,1,2'],
    ],
    null,
  ],
])('of %j partitions from %j on come %j, and then %j', async (limit, cursor, found, next) => {
  const describe = await openTopics()
  expect(await describe(['a', 'b'], { limit, cursor })).toMatchObject({ found, next })
})

test('a portion begins with a topic that is asked for, if any is, and with a partition', async () => {
  const describe = await openTopics()
  const refused = [['b', code('INVALID_REQUEST'), '']]
  expect(await describe(['b'], { cursor: { topic: 'a', index: 0 } })).toMatchObject({ found: refused })
  expect(await describe(['b'], { cursor: { topic: 'b', index: -1 } })).toMatchObject({ found: refused })
  expect(await describe([], { cursor: { topic: 'aa', index: 1 } })).toMatchObject({ found: [['b', 0, '0,1,2']] })
})
