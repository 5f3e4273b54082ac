// What @platformatic/kafka does: platformatic.mjs BROKER FOLDER, where the folder has the package. Of each session there
// is a line `== name`, and then its output.

import { createRequire } from 'node:module'
import { join } from 'node:path'

const [broker, folder] = process.argv.slice(2)
const client = createRequire(join(folder, 'package.json'))('@platformatic/kafka')
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = client
const basics = { clientId: 'platformatic', bootstrapBrokers: [broker], retries: 3 }
const TOPIC = 'platformatic'
const DEADLINE = 30_000
const admin = new Admin(basics)

const session = (name) => console.log(`== ${name}`)
const plain = (key, value) => {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Map ? [...value] : value
}
const say = (...what) => console.log(...what.map((each) => JSON.stringify(each, plain)))
/** What the broker has answered is at the end of the errors. */
const reasons = (error) => [error.apiId ?? error.message, ...(error.errors ?? []).flatMap(reasons)]
const attempt = (doing) => doing.then(say, (error) => say(reasons(error).at(-1)))

/** Reads until there are as many, and then does what it is given before the consumer leaves. */
async function consume(options, expected, then = async () => {}) {
  const consumer = new Consumer({ ...basics, deserializers: stringDeserializers, ...options })
  const stream = await consumer.consume({
    autocommit: false,
    topics: [TOPIC],
    mode: 'committed',
    fallbackMode: 'earliest',
  })
  const late = setTimeout(() => stream.destroy(new Error(`not ${expected} records in ${DEADLINE} ms`)), DEADLINE)
  const messages = []
  for await (const message of stream) if (messages.push(message) === expected) break
  clearTimeout(late)
  await then(messages)
  await consumer.close(true)
  return messages
}

session('create a topic, and again')
const configs = [{ name: 'retention.ms', value: '-1' }]
const [{ name, partitions, replicas }] = await admin.createTopics({
  topics: [TOPIC],
  partitions: 1,
  replicas: 1,
  configs,
})
say(name, partitions, replicas)
await attempt(admin.createTopics({ topics: [TOPIC], partitions: 1, replicas: 1 }))
say((await admin.listTopics()).includes(TOPIC))

session('produce with every codec')
for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  const producer = new Producer({ ...basics, serializers: stringSerializers, autocreateTopics: false })
  const messages = [0, 1].map((n) => ({
    topic: TOPIC,
    key: `${n}`,
    value: `${compression} ${n} `.repeat(50),
    headers: { n: `${n}` },
    timestamp: 1_700_000_000_000n + BigInt(n),
  }))
  const { offsets } = await producer.send({ messages, compression, acks: -1 })
  say(offsets.map(({ partition, offset }) => [partition, offset]))
  await producer.close()
}

session('produce as an idempotent producer')
const idempotent = new Producer({ ...basics, serializers: stringSerializers, idempotent: true })
for (const value of ['one', 'two']) {
  const { offsets } = await idempotent.send({ messages: [{ topic: TOPIC, value }], acks: -1 })
  say(offsets.map(({ offset }) => offset))
}
await idempotent.close()

for (const groupProtocol of ['classic', 'consumer']) {
  const group = { groupId: `platformatic-${groupProtocol}`, groupProtocol }
  session(`consume in a group: ${groupProtocol}`)
  const messages = await consume(group, 12, async (all) => {
    const found = await admin.listGroups({ types: [groupProtocol] })
    const { protocolType, groupType } = found.get(group.groupId)
    say(protocolType, groupType)
    await all[7].commit()
  })
  for (const { partition, offset, key, value, headers } of messages)
    say(partition, offset, key, value.slice(0, 6), headers, value.length)
  say((await admin.listConsumerGroupOffsets({ groups: [group.groupId] })).map(({ topics }) => topics))
  say((await consume(group, 1))[0].offset)
}

session('committed offsets')
const groupId = 'platformatic-classic'
const topics = [{ name: TOPIC, partitionOffsets: [{ partition: 0, offset: 3n }] }]
await attempt(admin.alterConsumerGroupOffsets({ groupId, topics }))
await attempt(admin.listConsumerGroupOffsets({ groups: [groupId] }))
await attempt(admin.deleteConsumerGroupOffsets({ groupId, topics: [{ name: TOPIC, partitionIndexes: [0] }] }))
await attempt(admin.listConsumerGroupOffsets({ groups: [groupId] }))

session('transactions')
const transactional = { ...basics, serializers: stringSerializers, idempotent: true, transactionalId: TOPIC }
const producer = new Producer(transactional)
for (const end of ['abort', 'commit']) {
  const transaction = await producer.beginTransaction()
  await transaction.send({ messages: [{ topic: TOPIC, value: end }] })
  await transaction[end]()
}
await producer.close()
for (const [isolationLevel, expected] of [
  [0, 14],
  [1, 13],
])
  say(
    (await consume({ groupId: `platformatic-${isolationLevel}`, isolationLevel }, expected))
      .slice(12)
      .map(({ value }) => value),
  )

session('a second producer with the same transactional id, which says that it holds producer id 0')
const second = new Producer(transactional)
await attempt(second.beginTransaction())
await second.close()

session('offsets by time')
for (const timestamp of [-1n, -2n, -3n, 0n, 1_700_000_000_001n, 9_999_999_999_999n]) {
  const asked = { topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp }] }] }
  const listed = await admin.listOffsets(asked)
  say(listed.map(({ partitions }) => partitions.map(({ offset }) => offset)))
}

session('settings of a topic')
const resource = { resourceType: 2, resourceName: TOPIC }
const change = { ...resource, configs: [{ name: 'max.message.bytes', value: '65536', configOperation: 0 }] }
await attempt(admin.incrementalAlterConfigs({ resources: [change] }))
const wrong = { ...resource, configs: [{ name: 'retention.ms', value: 'abc', configOperation: 0 }] }
await attempt(admin.incrementalAlterConfigs({ resources: [wrong] }))

session('delete records, groups and topics')
await attempt(admin.deleteRecords({ topics: [{ name: TOPIC, partitions: [{ partition: 0, offset: 2n }] }] }))
await attempt(admin.deleteGroups({ groups: [groupId] }))
await attempt(admin.deleteGroups({ groups: ['platformatic-missing'] }))
await attempt(admin.deleteTopics({ topics: [TOPIC] }))
await attempt(admin.deleteTopics({ topics: ['platformatic-missing'] }))
await admin.close()
