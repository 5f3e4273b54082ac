// Settings of topics that change, and what is refused.

import { said, byText } from '../asking.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { TOPIC, BROKER, SET, DELETE, APPEND, SUBTRACT, valueOf, change, becomes, WRONG } from './asking-for-configs.ts'
import { AlterConfigs, ListConfigResources } from '../../protocol/configs.ts'

export const configChangeChecks = [
  check(
    'a setting is set, and deleted',
    async (kafka) => {
      const topic = await kafka.topic()
      const set = await change(kafka, topic, [['retention.ms', SET, '7000']])
      const during = await becomes(kafka, topic, 'retention.ms', '7000')
      const deleted = await change(kafka, topic, [['retention.ms', DELETE, null]])
      return [set, during, deleted, await becomes(kafka, topic, 'retention.ms', '604800000')]
    },
    [
      ['NONE', null],
      ['7000', 1],
      ['NONE', null],
      ['604800000', 5],
    ],
  ),
  check(
    'to a list is added, and from it is taken',
    async (kafka) => {
      const topic = await kafka.topic()
      await change(kafka, topic, [['cleanup.policy', APPEND, 'compact']])
      const both = await becomes(kafka, topic, 'cleanup.policy', 'delete,compact')
      await change(kafka, topic, [['cleanup.policy', SUBTRACT, 'delete']])
      return [both, await becomes(kafka, topic, 'cleanup.policy', 'compact')]
    },
    [
      ['delete,compact', 1],
      ['compact', 1],
    ],
  ),
  check(
    'to what is no list nothing can be added',
    async (kafka) => change(kafka, await kafka.topic(), [['retention.ms', APPEND, '1']]),
    ['INVALID_CONFIG', "Can't APPEND to key retention.ms because its type is not LIST."],
  ),
  check(
    'a way to change that nobody knows',
    async (kafka) => (await change(kafka, await kafka.topic(), [['retention.ms', 9, '1']]))[0],
    'UNKNOWN_SERVER_ERROR',
  ),
  check(
    'a value that is null cannot be set',
    async (kafka) => change(kafka, await kafka.topic(), [['retention.ms', SET, null]]),
    ['INVALID_REQUEST', 'Null value not supported for : retention.ms'],
  ),
  check(
    'one setting twice in one change',
    async (kafka) =>
      change(kafka, await kafka.topic(), [
        ['retention.ms', SET, '1'],
        ['retention.ms', SET, '2'],
      ]),
    ['INVALID_REQUEST', 'Error due to duplicate config keys'],
  ),
  check(
    'an unknown topic cannot be changed',
    async (kafka) => change(kafka, 'conformance-nowhere', [['retention.ms', SET, '1']]),
    ['UNKNOWN_TOPIC_OR_PARTITION', "The topic 'conformance-nowhere' does not exist."],
  ),
  check(
    'validate-only changes nothing',
    async (kafka) => {
      const topic = await kafka.topic()
      return [
        await change(kafka, topic, [['retention.ms', SET, '7']], { validateOnly: true }),
        await valueOf(kafka, topic, 'retention.ms'),
      ]
    },
    [
      ['NONE', null],
      ['604800000', 5],
    ],
  ),
  check(
    'one wrong setting leaves all of them as they were',
    async (kafka) => {
      const topic = await kafka.topic()
      const [error] = await change(kafka, topic, [
        ['retention.ms', SET, '7'],
        ['segment.ms', SET, 'x'],
      ])
      return [error, await valueOf(kafka, topic, 'retention.ms')]
    },
    ['INVALID_CONFIG', ['604800000', 5]],
  ),
  ...WRONG.map(([key, value, message]) =>
    check(`${key}=${value} is refused`, async (kafka) => change(kafka, await kafka.topic(), [[key, SET, value]]), [
      'INVALID_CONFIG',
      message,
    ]),
  ),
  check(
    'compaction lags that contradict one another',
    async (kafka) =>
      change(kafka, await kafka.topic(), [
        ['min.compaction.lag.ms', SET, '9'],
        ['max.compaction.lag.ms', SET, '5'],
      ]),
    ['INVALID_CONFIG', 'conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (5)'],
  ),
  ...[0, 1, 2].map((version) =>
    check(
      `AlterConfigs ${version} puts its settings in the place of all`,
      async (kafka) => {
        const name = await kafka.topic({ configs: { 'retention.ms': '5', 'segment.ms': '6' } })
        const resources = [{ type: TOPIC, name, configs: [{ name: 'retention.ms', value: '8' }] }]
        const answer = await kafka.any.ask(AlterConfigs, { resources }, version)
        await becomes(kafka, name, 'retention.ms', '8')
        return [answer.results.map(said), await valueOf(kafka, name, 'segment.ms')]
      },
      [[['NONE', null]], ['604800000', 5]],
    ),
  ),
  check(
    'ListConfigResources names a topic',
    async (kafka) => {
      const topic = await kafka.topic()
      const { error, resources } = await kafka.any.ask(ListConfigResources, { types: [TOPIC] }, 1)
      return [
        errorName(error),
        resources.some(({ name, type }) => name === topic && type === TOPIC),
        resources.every(({ type }) => type === TOPIC),
      ]
    },
    ['NONE', true, true],
  ),
  check(
    'ListConfigResources names the brokers',
    async (kafka) => {
      const { resources } = await kafka.any.ask(ListConfigResources, { types: [BROKER] }, 1)
      const ids = (await kafka.nodes()).map(({ id }) => `${id}`)
      return (
        resources
          .map(({ name }) => name)
          .toSorted(byText)
          .join() === ids.toSorted(byText).join()
      )
    },
    true,
  ),
  check(
    'ListConfigResources of a kind that nobody knows',
    async (kafka) => errorName((await kafka.any.ask(ListConfigResources, { types: [77] }, 1)).error),
    'UNSUPPORTED_VERSION',
  ),
]
