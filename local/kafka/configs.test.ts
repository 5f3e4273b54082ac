// Settings as Apache Kafka 4.3.1 takes, refuses and tells them.

import { expect, test } from 'vitest'
import { KafkaError } from './errors.ts'
import { openClient, startBroker } from './fixtures.ts'
import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } from './protocol/configs.ts'
import { CreateTopics } from './protocol/topics.ts'

const [TOPIC, BROKER] = [2, 4]
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]
const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

/** A topic, and calls that read and alter its settings. */
async function openTopic(configs: { name: string; value: string }[] = []) {
  const { brokers } = await startBroker()
  const ask = await openClient(brokers)
  const topic = { name: 'orders', partitions: 1, replication: 1, configs }
  const created = (await ask(CreateTopics, 5, { topics: [topic], timeout: 5_000 })).topics[0]
  const alter = async (...configs: { name: string; operation: number; value: string | null }[]) =>
    (await ask(IncrementalAlterConfigs, 1, { resources: [{ type: TOPIC, name: 'orders', configs }] })).results[0]
  const describe = async (type = TOPIC, name = 'orders', keys: string[] | null = null) =>
    (await ask(DescribeConfigs, 4, { resources: [{ type, name, keys }], synonyms: true, documentation: true }))
      .results[0]
  const valueOf = async (name: string) => (await describe(TOPIC, 'orders', [name]))?.configs[0]?.value
  return { ask, created, alter, describe, valueOf }
}

test.each([
  ['retention.ms', 'abc', 'Not a number of type LONG'],
  ['retention.ms', '-2', 'Value must be at least -1'],
  ['retention.ms', '', 'Not a number of type LONG'],
  ['segment.bytes', '99999999999', 'Not a number of type INT'],
  ['segment.bytes', '1', 'Value must be at least 1048576'],
  ['cleanup.policy', 'x', 'String must be one of: compact, delete'],
  ['compression.type', 'lzma', 'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer'],
  ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
  ['compression.zstd.level', '99', 'Value must be no more than 22'],
  ['preallocate', 'maybe', 'Expected value to be either true or false'],
  ['min.cleanable.dirty.ratio', '1.5', 'Value must be no more than 1'],
  ['min.cleanable.dirty.ratio', 'x', 'Not a number of type DOUBLE'],
])('%s cannot be %j', async (name, value, because) => {
  const message = `Invalid value ${value} for configuration ${name}: ${because}`
  const refused = { error: code('INVALID_CONFIG'), message }
  const { ask, alter, valueOf } = await openTopic()
  const before = await valueOf(name)
  expect(await alter({ name, operation: SET, value })).toMatchObject(refused)
  const resources = [{ type: TOPIC, name: 'orders', configs: [{ name, value }] }]
  expect((await ask(AlterConfigs, 2, { resources })).results).toMatchObject([refused])
  const topics = [{ name: 'other', partitions: 1, replication: 1, configs: [{ name, value }] }]
  expect((await ask(CreateTopics, 5, { topics })).topics).toMatchObject([refused])
  expect(await valueOf(name)).toBe(before)
})

test.each([
  [{ name: 'follower.replication.throttled.replicas', value: 'foo' }, 'Invalid value [foo] for configuration'],
  [{ name: 'remote.storage.enable', value: 'true' }, 'Tiered Storage functionality is disabled'],
  [{ name: 'nope', value: '1' }, 'Unknown topic config name: nope'],
])('%j is refused', async (config, message) => {
  const { alter } = await openTopic()
  const refused = await alter({ ...config, operation: SET })
  expect(refused).toMatchObject({ error: code('INVALID_CONFIG') })
  expect(refused?.message).toContain(message)
})

test.each([
  ['retention.ms', ' 5 '],
  ['retention.ms', '9223372036854775807'],
  ['cleanup.policy', 'compact,delete'],
  ['cleanup.policy', ''],
  ['compression.gzip.level', '-1'],
  ['local.retention.ms', '-2'],
  ['message.timestamp.before.max.ms', '1000'],
  ['leader.replication.throttled.replicas', '0:1,1:1'],
])('%s can be %j', async (name, value) => {
  const { created, valueOf } = await openTopic([{ name, value }])
  expect(created).toMatchObject({ error: 0 })
  expect(await valueOf(name)).toBe(value)
})

test('lists can be appended to and subtracted from, and nothing else', async () => {
  const { alter, valueOf } = await openTopic()
  const name = 'cleanup.policy'
  for (const [operation, value, now] of [
    [APPEND, 'compact', 'delete,compact'],
    [APPEND, 'compact', 'delete,compact'],
    [SUBTRACT, 'delete', 'compact'],
    [DELETE, null, 'delete'],
  ] as const) {
    expect(await alter({ name, operation, value })).toMatchObject({ error: 0 })
    expect(await valueOf(name)).toBe(now)
  }
  expect(await alter({ name: 'retention.ms', operation: APPEND, value: '5' })).toMatchObject({
    error: code('INVALID_CONFIG'),
    message: "Can't APPEND to key retention.ms because its type is not LIST.",
  })
  const set = { name: 'retention.ms', operation: SET, value: '5' }
  expect(await alter({ ...set, value: null })).toMatchObject({ error: code('INVALID_REQUEST') })
  expect(await alter(set, set)).toMatchObject({ message: 'Error due to duplicate config keys' })
})

test('each setting is told with its type, what it means, and where its value comes from', async () => {
  const { describe } = await openTopic([{ name: 'max.message.bytes', value: '1000' }])
  const configs = (await describe())?.configs ?? []
  expect(configs).toHaveLength(33)
  for (const { documentation, type } of configs) expect([Boolean(documentation), type > 0]).toEqual([true, true])
  const [INT, TOPIC_SOURCE, DEFAULT] = [3, 1, 5]
  expect(configs.find(({ name }) => name === 'max.message.bytes')).toMatchObject({
    type: INT,
    source: TOPIC_SOURCE,
    synonyms: [
      { name: 'max.message.bytes', value: '1000', source: TOPIC_SOURCE },
      { name: 'message.max.bytes', value: '1048588', source: DEFAULT },
    ],
  })
})

test('a broker tells its own settings, and changes none while it runs', async () => {
  const { ask, describe } = await openTopic()
  const configs = (await describe(BROKER, '0'))?.configs ?? []
  const values = Object.fromEntries(configs.map(({ name, value }) => [name, value]))
  expect(values).toMatchObject({ 'node.id': '0', 'num.partitions': '3', 'log.cleanup.policy': 'delete' })
  for (const { documentation, type } of configs) expect([Boolean(documentation), type > 0]).toEqual([true, true])
  const [STATIC, DEFAULT] = [4, 5]
  const detail = (name: string) => configs.find((config) => config.name === name)
  expect(detail('num.partitions')).toMatchObject({
    type: 3,
    source: STATIC,
    synonyms: [{ value: '3', source: STATIC }],
  })
  expect(detail('log.roll.hours')).toMatchObject({ type: 3, value: '168', source: DEFAULT, readOnly: true })
  expect(detail('log.roll.ms')).toMatchObject({ type: 5, value: null, source: DEFAULT, synonyms: [] })
  expect(await describe(BROKER, '5')).toMatchObject({ error: code('INVALID_REQUEST'), configs: [] })
  const configsOfBroker = [{ name: 'num.partitions', operation: SET, value: '5' }]
  const asked = { resources: [{ type: BROKER, name: '0', configs: configsOfBroker }] }
  expect((await ask(IncrementalAlterConfigs, 1, asked)).results).toMatchObject([
    { error: code('INVALID_REQUEST'), message: 'Cannot update these configs dynamically: [num.partitions]' },
  ])
})

test('what has settings can be listed by its kind', async () => {
  const { ask } = await openTopic()
  const [all, topics, none] = [await ask(ListConfigResources, 1, {}), { types: [TOPIC] }, { types: [16] }]
  const topic = { name: 'orders', type: TOPIC }
  expect(all.resources).toEqual([{ name: '0', type: BROKER }, topic])
  expect((await ask(ListConfigResources, 1, topics)).resources).toEqual([topic])
  expect((await ask(ListConfigResources, 1, none)).resources).toEqual([])
  expect(await ask(ListConfigResources, 1, { types: [77] })).toMatchObject({ error: code('UNSUPPORTED_VERSION') })
})
