// Topics: how they are made, and which wishes are refused.

import { said, only, byText } from '../asking.ts'
import { uniqueName } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { create, idOf, firstNode, REFUSED } from './asking-for-topics.ts'

export const topicChecks = [
  ...[2, 3, 4, 5, 6, 7].map((version) =>
    check(
      `CreateTopics ${version} makes a topic`,
      async (kafka) => {
        const name = uniqueName('new')
        const made = only(await create(kafka, [{ name, partitions: 2 }], { version }))
        await kafka.usable(name, 2)
        return [errorName(made.error), made.name === name, made.partitions]
      },
      ['NONE', true, version < 5 ? -1 : 2],
    ),
  ),
  check(
    'the answer tells id, partitions and settings, with what was given',
    async (kafka) => {
      const name = uniqueName('new')
      const made = only(await create(kafka, [{ name, configs: [{ name: 'retention.ms', value: '5' }] }]))
      await kafka.usable(name, 1)
      const told = made.configs.find((config) => config.name === 'retention.ms')
      return [made.id === (await idOf(kafka, name)), told, made.configs.length > 25]
    },
    [true, { name: 'retention.ms', value: '5', readOnly: false, source: 1, sensitive: false }, true],
  ),
  check(
    '-1 partitions are as many as topics have by default',
    async (kafka) => {
      const made = only(await create(kafka, [{ partitions: -1 }]))
      return made.partitions > 1
    },
    true,
  ),
  check(
    'a name that is taken',
    async (kafka) => {
      const name = await kafka.topic()
      const [error, message] = said(only(await create(kafka, [{ name }])))
      return [error, message?.replace(name, 'NAME')]
    },
    ['TOPIC_ALREADY_EXISTS', "Topic 'NAME' already exists."],
  ),
  check(
    'names that metrics could not tell apart',
    async (kafka) => {
      const name = uniqueName('a.b')
      await kafka.topic({ name })
      const [error, message] = said(only(await create(kafka, [{ name: name.replace('.', '_') }])))
      return [error, message?.replaceAll(name, 'NAME').replace(name.replace('.', '_'), 'OTHER')]
    },
    ['INVALID_TOPIC_EXCEPTION', "Topic 'OTHER' collides with existing topic: NAME"],
  ),
  ...REFUSED.map(([what, draft, error, message]) =>
    check(`${what} is refused`, async (kafka) => said(only(await create(kafka, [draft]))), [error, message]),
  ),
  check(
    'more replicas than there are brokers are refused',
    async (kafka) => said(only(await create(kafka, [{ replication: 100 }])))[0],
    'INVALID_REPLICATION_FACTOR',
  ),
  check(
    'a broker twice in an assignment is refused',
    async (kafka) => {
      const id = await firstNode(kafka)
      const assignments = [{ index: 0, brokers: [id, id] }]
      const [error, message] = said(only(await create(kafka, [{ partitions: -1, assignments }])))
      return [error, message?.replace(String(id), 'ID')]
    },
    ['INVALID_REPLICA_ASSIGNMENT', 'The manual partition assignment includes the broker ID more than once.'],
  ),
  check(
    'an assignment that begins with partition 1 is refused',
    async (kafka) => {
      const assignments = [{ index: 1, brokers: [await firstNode(kafka)] }]
      return said(only(await create(kafka, [{ partitions: -1, assignments }])))
    },
    ['INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence'],
  ),
  check(
    'partitions of several sizes are refused',
    async (kafka) => {
      const [first = 0, second = first] = (await kafka.nodes()).map(({ id }) => id)
      const assignments = [
        { index: 0, brokers: [first] },
        { index: 1, brokers: [first, second] },
      ]
      return said(only(await create(kafka, [{ partitions: -1, assignments }])))[0]
    },
    'INVALID_REPLICA_ASSIGNMENT',
  ),
  check(
    'an assignment to a broker is as asked',
    async (kafka) => {
      const name = uniqueName('new')
      const id = await firstNode(kafka)
      const assignments = [0, 1].map((index) => ({ index, brokers: [id] }))
      const made = only(await create(kafka, [{ name, partitions: -1, assignments }]))
      await kafka.usable(name, 2)
      const { partitions } = only((await kafka.metadata([name])).topics)
      return [
        errorName(made.error),
        made.partitions,
        made.replication,
        partitions.map(({ replicas }) => replicas.join() === `${id}`),
      ]
    },
    ['NONE', 2, 1, [true, true]],
  ),
  check(
    'a name twice in one request is refused',
    async (kafka) => {
      const name = uniqueName('new')
      return (await create(kafka, [{ name }, { name }])).map(said)
    },
    [['INVALID_REQUEST', 'Duplicate topic name.']],
  ),
  check(
    'one that is refused does not hold back the others',
    async (kafka) => {
      const made = await create(kafka, [{}, { partitions: 0 }])
      return made.map(({ error }) => errorName(error)).toSorted(byText)
    },
    ['INVALID_PARTITIONS', 'NONE'],
  ),
  check(
    'validate-only says what would be, and makes nothing',
    async (kafka) => {
      const name = uniqueName('new')
      const made = only(await create(kafka, [{ name, partitions: 3 }], { validateOnly: true }))
      const { topics } = await kafka.metadata([name])
      return [
        errorName(made.error),
        made.partitions,
        made.id !== '0'.repeat(32),
        topics.map(({ error }) => errorName(error)),
      ]
    },
    ['NONE', 3, true, ['UNKNOWN_TOPIC_OR_PARTITION']],
  ),
  check(
    'validate-only refuses as it would be refused',
    async (kafka) => said(only(await create(kafka, [{ partitions: 0 }], { validateOnly: true })))[0],
    'INVALID_PARTITIONS',
  ),
]
