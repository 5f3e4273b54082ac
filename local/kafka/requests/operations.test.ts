import { expect, test } from 'vitest'
import { openClient, produce, startBroker } from '../fixtures.ts'
import { ConsumerGroupDescribe } from '../protocol/consumer-groups.ts'
import { DescribeGroups } from '../protocol/groups.ts'
import { DescribeCluster, Metadata } from '../protocol/metadata.ts'

const NOT_ASKED = -2147483648

// The numbers are those of Apache Kafka 4.3.1 without an authorizer.
test.each([
  [true, { cluster: 8096, topic: 3576, group: 3400 }],
  [false, { cluster: NOT_ASKED, topic: NOT_ASKED, group: NOT_ASKED }],
])('a client that asks what it may do (%s) is told', async (asked, operations) => {
  const { brokers, client } = await startBroker()
  await produce(client, 'orders', 'a')
  const ask = await openClient(brokers)
  const wanted = { topics: [{ name: 'orders' }], clusterOperations: asked, topicOperations: asked }
  const metadata = await ask(Metadata, 9, wanted)
  expect(metadata).toMatchObject({ clusterOperations: operations.cluster, topics: [{ operations: operations.topic }] })
  const cluster = await ask(DescribeCluster, 1, { clusterOperations: asked })
  expect(cluster.operations).toBe(operations.cluster)
  const described = { groups: ['g'], groupOperations: asked }
  for (const { groups } of [await ask(DescribeGroups, 5, described), await ask(ConsumerGroupDescribe, 1, described)])
    expect(groups).toMatchObject([{ operations: operations.group }])
})
