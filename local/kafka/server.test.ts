import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { produce, read, startBroker, subscribe, temporaryFolder, until } from './fixtures.ts'

test('records come back with key, headers and timestamp, in their order', async () => {
  const { client } = await startBroker()
  const messages = [1, 2, 3].map((n) => ({
    key: 'seven',
    value: `value ${n}`,
    headers: { trace: `t${n}` },
    timestamp: `${n}000`,
  }))
  const [sent] = await produce(client, 'orders', ...messages)
  const { received } = await subscribe(client, { topic: 'orders', groupId: 'readers' })
  await until(() => received.length === 3)
  expect(
    received.map(({ topic, partition, message: { offset, timestamp, key, value, headers } }) => ({
      topic,
      partition,
      offset,
      timestamp,
      key: String(key),
      value: String(value),
      trace: String(headers?.trace),
    })),
  ).toEqual(
    [1, 2, 3].map((n) => ({
      topic: 'orders',
      partition: sent?.partition,
      offset: `${n - 1}`,
      timestamp: `${n}000`,
      key: 'seven',
      value: `value ${n}`,
      trace: `t${n}`,
    })),
  )
})

test('a topic made on first use has as many partitions as were asked for, 3 unless told', async () => {
  for (const [options, count] of [[{}, 3] as const, [{ partitions: 5 }, 5] as const]) {
    const { client } = await startBroker(options)
    await produce(client, 'orders', 'one')
    const admin = client.admin()
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] })
    await admin.disconnect()
    expect(topics[0]?.partitions).toHaveLength(count)
  }
})

test('several brokers share topics, and each says where the others are', async () => {
  const { client, brokers } = await startBroker({ ports: [0, 0, 0] })
  const messages = [0, 1, 2].map((partition) => ({ value: `to ${partition}`, partition }))
  await produce(client, 'orders', ...messages)
  const admin = client.admin()
  const cluster = await admin.describeCluster()
  await admin.disconnect()
  expect(cluster.brokers.map(({ host, port }) => `${host}:${port}`)).toEqual(brokers)
  expect((await read(client, 'orders', 3)).toSorted()).toEqual(['to 0', 'to 1', 'to 2'])
})

test('topics, records and cluster id survive a restart', async () => {
  const folder = await temporaryFolder()
  const clusterId = async (broker: Awaited<ReturnType<typeof startBroker>>) => {
    const admin = broker.client.admin()
    const { clusterId } = await admin.describeCluster()
    await admin.disconnect()
    return clusterId
  }
  const before = await startBroker({ folder })
  await produce(before.client, 'orders', 'kept')
  const id = await clusterId(before)
  await before.close()
  const after = await startBroker({ folder })
  expect(await clusterId(after)).toBe(id)
  expect(await read(after.client, 'orders', 1)).toEqual(['kept'])
  expect(id).not.toBe(await clusterId(await startBroker()))
})

test.each(['cluster.json', 'topics.json', 'offsets.json'])(
  'a damaged %s stops the start and is named',
  async (name) => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, name), '[{')
    await expect(startBroker({ folder })).rejects.toThrow(join(folder, name))
  },
)

test('a taken port is the listening error, and the ports before it are free again', async () => {
  const taken = Number((await startBroker()).brokers[0]?.split(':')[1])
  const other = await startBroker()
  const free = Number(other.brokers[0]?.split(':')[1])
  await other.close()
  await expect(startBroker({ ports: [free, taken] })).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken })
  await startBroker({ ports: [free] })
})

test('close does not wait for a client that waits for records', async () => {
  const { client, close } = await startBroker()
  await produce(client, 'orders', 'one')
  const { received } = await subscribe(client, {
    topic: 'orders',
    groupId: 'readers',
    maxWaitTimeInMs: 60_000,
    retry: { retries: 0 },
  })
  await until(() => received.length === 1)
  await close()
})
