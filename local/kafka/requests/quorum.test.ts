import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startCluster } from '../fixtures.ts'
import { DescribeCluster } from '../protocol/metadata.ts'
import { DescribeQuorum } from '../protocol/quorum.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code
const topics = [{ name: '__cluster_metadata', partitions: [{ index: 0 }] }]

test('all nodes are controllers; the first that lives leads them, and the dead are not heard of', async () => {
  const { brokers, kill } = await startCluster()
  const ask = await openClient(brokers.slice(1))
  const describe = async (version = 2) => {
    const { nodes, ...quorum } = await ask(DescribeQuorum, version, { topics })
    return { nodes, ...quorum.topics[0]?.partitions[0] }
  }
  const ports = brokers.map((broker) => Number(broker.split(':')[1]))
  const before = await describe()
  expect(before).toMatchObject({ error: 0, leader: 0, observers: [] })
  expect(before.nodes).toEqual(
    ports.map((port, id) => ({ id, listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port }] })),
  )
  expect(before.voters?.map(({ id, lastFetch }) => [id, lastFetch > 0])).toEqual([
    [0, true],
    [1, true],
    [2, true],
  ])
  await kill(0)
  const after = await describe()
  expect(after).toMatchObject({ leader: 1, voters: [{ id: 0, lastFetch: -1, lastCaughtUp: -1 }, { id: 1 }, { id: 2 }] })
  expect(await describe(0)).toMatchObject({ leader: 1, nodes: [] })
})

test('nothing but the log of metadata has a quorum', async () => {
  const ask = await openClient((await startCluster()).brokers)
  const wrong = [
    { name: '__cluster_metadata', partitions: [{ index: 1 }] },
    { name: 'orders', partitions: [{ index: 0 }] },
  ]
  const unknown = {
    error: code('UNKNOWN_TOPIC_OR_PARTITION'),
    message: 'This server does not host this topic-partition.',
  }
  expect(await ask(DescribeQuorum, 2, { topics: wrong })).toMatchObject({
    nodes: [],
    topics: [{ partitions: [unknown] }, { partitions: [unknown] }],
  })
})

test('a node that is cut off from the others knows nothing of the quorum', async () => {
  const { brokers, isolate } = await startCluster()
  await isolate(1)
  const ask = await openClient(brokers.slice(1))
  expect(await ask(DescribeQuorum, 2, { topics })).toMatchObject({ error: code('REQUEST_TIMED_OUT') })
})

test('a client is told which nodes are down, where it asks for them, and that none is a controller alone', async () => {
  const { brokers, kill } = await startCluster()
  await kill(0)
  const ask = await openClient(brokers.slice(1))
  const nodes = async (fenced: boolean) => (await ask(DescribeCluster, 2, { fenced })).brokers
  expect(await nodes(false)).toMatchObject([
    { id: 1, fenced: false },
    { id: 2, fenced: false },
  ])
  expect(await nodes(true)).toMatchObject([
    { id: 0, fenced: true },
    { id: 1, fenced: false },
    { id: 2, fenced: false },
  ])
  expect(await ask(DescribeCluster, 2, { endpointType: 2 })).toMatchObject({
    error: code('MISMATCHED_ENDPOINT_TYPE'),
    brokers: [],
  })
  expect(await ask(DescribeCluster, 1, { endpointType: 3 })).toMatchObject({ error: code('UNSUPPORTED_ENDPOINT_TYPE') })
})
