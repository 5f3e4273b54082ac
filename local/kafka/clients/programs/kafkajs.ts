// What KafkaJS does: kafkajs.ts BROKER. Of each session there is a line `== name`, and then its output.

import kafkajs, { CompressionTypes, Kafka, type KafkaJSError, type KafkaMessage, logLevel } from 'kafkajs'

const [broker = ''] = process.argv.slice(2)
const TOPIC = 'kafkajs'
const DEADLINE = 30_000
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 20, retries: 5 } })
const admin = kafka.admin()
await admin.connect()

const session = (name: string) => console.log(`== ${name}`)
const say = (...what: unknown[]) => console.log(...what.map((each) => JSON.stringify(each)))
const attempt = (doing: Promise<unknown>) =>
  doing.then(say, (error: KafkaJSError & { type?: string }) => say(error.name, error.type))
const offsets = async () => (await admin.fetchTopicOffsets(TOPIC)).map(({ low, high }) => `${low}-${high}`)

/** Reads until there are as many, and then does what it is given before the consumer leaves. */
async function consume(groupId: string, expected: number, readUncommitted = false, then?: () => Promise<void>) {
  const consumer = kafka.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 100 })
  const messages: KafkaMessage[] = []
  const full = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    async eachMessage({ message }) {
      if (messages.push(message) === expected) full.resolve()
    },
  })
  const late = setTimeout(() => full.reject(new Error(`${messages.length} of ${expected} records came`)), DEADLINE)
  await full.promise
  clearTimeout(late)
  await then?.()
  await consumer.disconnect()
  return messages
}

session('create a topic, and again')
const configEntries = [{ name: 'retention.ms', value: '-1' }]
await attempt(admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1, configEntries }], waitForLeaders: true }))
await attempt(admin.createTopics({ topics: [{ topic: TOPIC }] }))
await attempt(admin.createTopics({ topics: [{ topic: 'kafkajs-wrong', configEntries: [{ name: 'x', value: 'y' }] }] }))
await attempt(admin.createPartitions({ topicPartitions: [{ topic: TOPIC, count: 1 }] }))

session('produce plain, packed, and idempotent')
for (const [acks, compression, idempotent] of [
  [-1, CompressionTypes.None, false],
  [1, CompressionTypes.GZIP, false],
  [-1, CompressionTypes.GZIP, true],
] as const) {
  const producer = kafka.producer({ idempotent })
  await producer.connect()
  const messages = [0, 1].map((n) => ({
    key: `${n}`,
    value: n ? 'packed '.repeat(50) : null,
    headers: { n: `${n}`, many: ['a', 'b'] },
    timestamp: `${1_700_000_000_000 + n}`,
  }))
  say(await producer.send({ topic: TOPIC, acks, compression, messages }))
  await producer.disconnect()
}
say(await offsets())

session('consume in a group')
const messages = await consume('kafkajs', 6, false, async () => {
  const { groups } = await admin.describeGroups(['kafkajs'])
  for (const { groupId, state, protocol, protocolType, members } of groups)
    say(groupId, state, protocol, protocolType, members.length)
  await attempt(admin.deleteGroups(['kafkajs']))
})
for (const { offset, key, value, headers, timestamp } of messages)
  say(offset, String(key), value && String(value).slice(0, 6), String(headers?.many), timestamp)

session('committed offsets')
await attempt(admin.setOffsets({ groupId: 'kafkajs', topic: TOPIC, partitions: [{ partition: 0, offset: '4' }] }))
await attempt(admin.fetchOffsets({ groupId: 'kafkajs', topics: [TOPIC] }))
say((await consume('kafkajs', 1))[0]?.offset)
await attempt(admin.resetOffsets({ groupId: 'kafkajs', topic: TOPIC, earliest: true }))
await attempt(admin.fetchOffsets({ groupId: 'kafkajs', topics: [TOPIC], resolveOffsets: true }))

session('transactions')
for (const end of ['abort', 'commit'] as const) {
  const producer = kafka.producer({ transactionalId: 'kafkajs', maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: TOPIC, messages: [{ value: end }] })
  const topics = [{ topic: TOPIC, partitions: [{ partition: 0, offset: '5' }] }]
  await transaction.sendOffsets({ consumerGroupId: 'kafkajs', topics })
  await transaction[end]()
  await producer.disconnect()
  await attempt(admin.fetchOffsets({ groupId: 'kafkajs', topics: [TOPIC] }))
}
for (const [readUncommitted, expected] of [
  [true, 8],
  [false, 7],
] as const)
  say(
    (await consume(`kafkajs-${readUncommitted}`, expected, readUncommitted)).map(({ value }) =>
      String(value).slice(0, 6),
    ),
  )

session('offsets by time')
for (const time of [0, 1_700_000_000_001, 9_999_999_999_999])
  await attempt(admin.fetchTopicOffsetsByTimestamp(TOPIC, time))

session('settings of a topic')
const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: TOPIC }
await attempt(
  admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: [{ name: 'x', value: 'y' }] }] }),
)
const { resources } = await admin.describeConfigs({ includeSynonyms: true, resources: [resource] })
for (const { configEntries } of resources)
  for (const { configName, configValue, isDefault } of configEntries.sort((a, b) =>
    a.configName < b.configName ? -1 : 1,
  ))
    say(configName, configValue, isDefault)

session('ACLs without an authorizer')
const everything = { resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }
await attempt(admin.describeAcls(everything))

session('delete records, groups and topics')
await attempt(admin.deleteTopicRecords({ topic: TOPIC, partitions: [{ partition: 0, offset: '2' }] }))
say(await offsets())
for (const group of ['', '-true', '-false']) await attempt(admin.deleteGroups([`kafkajs${group}`]))
await attempt(admin.deleteTopics({ topics: [TOPIC] }))
await admin.disconnect()
