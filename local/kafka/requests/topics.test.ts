import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker } from '../fixtures.ts'
import { Metadata } from '../protocol/metadata.ts'
import { CreatePartitions, CreateTopics } from '../protocol/topics.ts'

const { code: INVALID } = new KafkaError('INVALID_REQUEST')

test.each(['__consumer_offsets', '__transaction_state', '__cluster_metadata', '__share_group_state'])(
  '%s is no topic, and cannot become one',
  async (name) => {
    const ask = await openClient((await startBroker()).brokers)
    const { code } = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
    expect((await ask(Metadata, 9, { topics: [{ name }], autoCreate: true })).topics).toMatchObject([{ error: code }])
    const { topics } = await ask(CreateTopics, 7, { topics: [{ name, partitions: 1, replication: 1 }] })
    const message = `Creation of internal topic ${name} is prohibited.`
    expect(topics).toMatchObject([{ error: INVALID, message }])
    expect((await ask(Metadata, 9, { topics: null })).topics).toEqual([])
  },
)

test('a topic that is named twice in a request is left as it is', async () => {
  const ask = await openClient((await startBroker()).brokers)
  const twice = { error: INVALID, message: 'Duplicate topic name.' }
  const [orders, other] = ['orders', 'other'].map((name) => ({ name, partitions: 1, replication: 1 }))
  if (!orders || !other) throw new Error('no topics')
  const created = await ask(CreateTopics, 7, { topics: [orders, other, orders] })
  expect(created.topics).toMatchObject([
    { name: 'other', error: 0 },
    { name: 'orders', ...twice },
  ])
  const more = { name: 'other', count: 2 }
  expect((await ask(CreatePartitions, 3, { topics: [more, more] })).topics).toMatchObject([twice])
  const { topics } = await ask(Metadata, 9, { topics: null })
  expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([['other', 1]])
})
