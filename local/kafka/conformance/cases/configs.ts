// Settings of topics and brokers, as they are told.

import { said, only, byText } from '../asking.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { BROKER, describe } from './asking-for-configs.ts'

export const configChecks = [
  ...[1, 2, 3, 4].map((version) =>
    check(
      `DescribeConfigs ${version} tells a default`,
      async (kafka) => {
        const { error, configs } = await describe(kafka, await kafka.topic(), ['retention.ms'], { version })
        const { documentation, synonyms, ...config } = only(configs)
        return [errorName(error), config, (documentation ?? '').length > 10, synonyms]
      },
      [
        'NONE',
        {
          name: 'retention.ms',
          value: '604800000',
          readOnly: false,
          source: 5,
          sensitive: false,
          type: version < 3 ? 0 : 5,
        },
        version > 2,
        [],
      ],
    ),
  ),
  check(
    'a setting of the topic comes with what it stands for',
    async (kafka) => {
      const topic = await kafka.topic({ configs: { 'max.message.bytes': '2000' } })
      const { configs } = await describe(kafka, topic, ['max.message.bytes'])
      return configs.map(({ value, source, type, synonyms }) => [value, source, type, synonyms])
    },
    [
      [
        '2000',
        1,
        3,
        [
          { name: 'max.message.bytes', value: '2000', source: 1 },
          { name: 'message.max.bytes', value: '1048588', source: 5 },
        ],
      ],
    ],
  ),
  check(
    'the settings that a topic has, by name, type and default',
    async (kafka) => {
      const { configs } = await describe(kafka, await kafka.topic(), null)
      const told = configs.filter(({ name }) => name !== 'min.insync.replicas')
      return Object.fromEntries(told.map(({ name, type, value }) => [name, `${type} ${value}`]).toSorted(byText))
    },
    {
      'cleanup.policy': '7 delete',
      'compression.gzip.level': '3 -1',
      'compression.lz4.level': '3 9',
      'compression.type': '2 producer',
      'compression.zstd.level': '3 3',
      'delete.retention.ms': '5 86400000',
      'file.delete.delay.ms': '5 60000',
      'flush.messages': '5 9223372036854775807',
      'flush.ms': '5 9223372036854775807',
      'follower.replication.throttled.replicas': '7 ',
      'index.interval.bytes': '3 4096',
      'leader.replication.throttled.replicas': '7 ',
      'local.retention.bytes': '5 -2',
      'local.retention.ms': '5 -2',
      'max.compaction.lag.ms': '5 9223372036854775807',
      'max.message.bytes': '3 1048588',
      'message.timestamp.after.max.ms': '5 3600000',
      'message.timestamp.before.max.ms': '5 9223372036854775807',
      'message.timestamp.type': '2 CreateTime',
      'min.cleanable.dirty.ratio': '6 0.5',
      'min.compaction.lag.ms': '5 0',
      preallocate: '1 false',
      'remote.log.copy.disable': '1 false',
      'remote.log.delete.on.disable': '1 false',
      'remote.storage.enable': '1 false',
      'retention.bytes': '5 -1',
      'retention.ms': '5 604800000',
      'segment.bytes': '3 1073741824',
      'segment.index.bytes': '3 10485760',
      'segment.jitter.ms': '5 0',
      'segment.ms': '5 604800000',
      'unclean.leader.election.enable': '1 false',
    },
  ),
  check(
    'no keys are none of the settings',
    async (kafka) => (await describe(kafka, await kafka.topic(), [])).configs.length > 0,
    true,
  ),
  check(
    'a key that no topic has is left out',
    async (kafka) => (await describe(kafka, await kafka.topic(), ['no.such'])).configs,
    [],
  ),
  check('settings of an unknown topic', async (kafka) => said(await describe(kafka, 'conformance-nowhere', null)), [
    'UNKNOWN_TOPIC_OR_PARTITION',
    '',
  ]),
  check('settings of no topic', async (kafka) => (await describe(kafka, '', null)).error > 0, true),
  check(
    'a kind of resource that nobody knows',
    async (kafka) => said(await describe(kafka, 'x', null, { type: 77 }))[0],
    'INVALID_REQUEST',
  ),
  check(
    'a broker whose id is no number',
    async (kafka) => said(await describe(kafka, 'first', null, { type: BROKER })),
    ['INVALID_REQUEST', 'Broker id must be an integer, but it is: first'],
  ),
  check(
    'a broker tells of itself alone',
    async (kafka) => said(await describe(kafka, '77', null, { type: BROKER }))[0],
    'INVALID_REQUEST',
  ),
  check(
    'what all brokers were given at run time is nothing',
    async (kafka) => {
      const { configs } = await describe(kafka, '', null, { type: BROKER })
      return configs.filter(({ name }) => name !== 'min.insync.replicas') // which a controller may set
    },
    [],
  ),
]
