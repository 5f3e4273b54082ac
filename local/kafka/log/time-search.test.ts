import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { recordBatch, startBroker } from '../fixtures.ts'
import { openRaw } from '../raw-requests.ts'

test('offsets for times are those of records, in whichever batch and segment they are', async () => {
  const { client, brokers } = await startBroker({ partitions: 1 })
  const admin = client.admin()
  const configEntries = [{ name: 'segment.ms', value: '150' }]
  await admin.createTopics({ topics: [{ topic: 'orders', configEntries }] })
  await admin.disconnect()
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const base = 1_700_000_000_000
  for (let batch = 0; batch < 10; batch++) {
    const messages = [0, 10, 20, 30, 40].map((n) => ({ value: 'x', timestamp: `${base + batch * 100 + n}` }))
    await producer.send({ topic: 'orders', messages, compression: batch % 2 })
  }
  await producer.disconnect()
  const raw = await openRaw(brokers[0] ?? '')
  for (let offset = 0; offset < 50; offset++) {
    const timestamp = base + Math.floor(offset / 5) * 100 + (offset % 5) * 10
    for (const asked of [timestamp, timestamp - 5])
      expect(await raw.listOffsets('orders', 0, { timestamp: asked })).toMatchObject({ offset, timestamp })
  }
  expect(await raw.listOffsets('orders', 0, { timestamp: base + 941 })).toMatchObject({ offset: -1, timestamp: -1 })
  expect(await raw.listOffsets('orders', 0, { timestamp: -3 })).toMatchObject({ offset: 49, timestamp: base + 940 })
})

test('a topic with LogAppendTime has the times at which the broker took its records', async () => {
  const { client, brokers } = await startBroker({ partitions: 1 })
  const admin = client.admin()
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
  await admin.createTopics({ topics: [{ topic: 'orders', configEntries }] })
  await admin.disconnect()
  const raw = await openRaw(brokers[0] ?? '')
  const { logAppendTime } = await raw.produce('orders', 0, { batch: recordBatch(1000) })
  expect(logAppendTime).toBeGreaterThan(1_700_000_000_000)
  expect(await raw.listOffsets('orders', 0, { timestamp: 1001 })).toMatchObject({ offset: 0, timestamp: logAppendTime })
})
