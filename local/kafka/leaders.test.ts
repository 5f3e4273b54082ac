import { expect, test } from 'vitest'
import { KafkaError } from './errors.ts'
import { connectProducer, produce, read, startBroker, startCluster, temporaryFolder, until } from './fixtures.ts'
import { openRaw } from './raw-requests.ts'

const { code: NOT_LEADER } = new KafkaError('NOT_LEADER_OR_FOLLOWER')
const { code: FENCED } = new KafkaError('FENCED_LEADER_EPOCH')
const { code: UNKNOWN_EPOCH } = new KafkaError('UNKNOWN_LEADER_EPOCH')
const { code: NO_LEADER } = new KafkaError('LEADER_NOT_AVAILABLE')

const openAll = async (brokers: string[]) => {
  const [a = '', b = '', c = ''] = brokers
  return [await openRaw(a), await openRaw(b), await openRaw(c)] as const
}

test('each partition has three replicas in sync, and the leaders are shared out', async () => {
  const { brokers } = await startCluster()
  const [node] = await openAll(brokers)
  const { partitions } = await node.metadata('orders')
  expect(partitions).toMatchObject([
    { error: 0, leader: 0, leaderEpoch: 0, replicas: [0, 1, 2], isr: [0, 1, 2], offline: [] },
    { error: 0, leader: 1, leaderEpoch: 0, replicas: [1, 2, 0], isr: [1, 2, 0], offline: [] },
    { error: 0, leader: 2, leaderEpoch: 0, replicas: [2, 0, 1], isr: [2, 0, 1], offline: [] },
  ])
})

test('a broker on its own has one replica of each partition, which suffices for acks=all', async () => {
  const { brokers } = await startBroker()
  const node = await openRaw(brokers[0] ?? '')
  expect((await node.metadata('orders')).partitions).toMatchObject(
    [0, 1, 2].map(() => ({ leader: 0, replicas: [0], isr: [0] })),
  )
  expect(await node.produce('orders', 1)).toMatchObject({ error: 0, baseOffset: 0 })
})

test('a moved leader answers alone, in a new epoch, which records bear', async () => {
  const { brokers, moveLeader, leaderOf } = await startCluster()
  const [zero, one] = await openAll(brokers)
  await zero.metadata('orders')
  await zero.produce('orders', 0)
  moveLeader('orders', 0, 1)
  expect(leaderOf('orders', 0)).toBe(1)
  expect((await zero.metadata('orders')).partitions[0]).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [0, 1, 2] })

  for (const answer of [
    await zero.produce('orders', 0),
    await zero.fetch('orders', 0),
    await zero.listOffsets('orders', 0),
  ])
    expect(answer.error).toBe(NOT_LEADER)
  expect(await one.produce('orders', 0)).toMatchObject({ error: 0, baseOffset: 1 })
  const { records } = await one.fetch('orders', 0)
  const size = (records?.length ?? 0) / 2
  expect([records?.readInt32BE(12), records?.readInt32BE(size + 12)]).toEqual([0, 1])
})

test('a client of an old epoch is fenced, and one of an epoch to come has to wait for it', async () => {
  const { brokers, moveLeader } = await startCluster()
  const [zero, one] = await openAll(brokers)
  await zero.metadata('orders')
  moveLeader('orders', 0, 1)
  moveLeader('orders', 0, 0)
  moveLeader('orders', 0, 1)
  const errors = async (leaderEpoch: number) => [
    (await one.fetch('orders', 0, { leaderEpoch })).error,
    (await one.listOffsets('orders', 0, { leaderEpoch })).error,
    (await one.endOfEpoch('orders', 0, 0, leaderEpoch)).error,
  ]
  expect(await errors(2)).toEqual([FENCED, FENCED, FENCED])
  expect(await errors(3)).toEqual([0, 0, 0])
  expect(await errors(4)).toEqual([UNKNOWN_EPOCH, UNKNOWN_EPOCH, UNKNOWN_EPOCH])
})

test('it can be asked where the records of each epoch end, and in which a record was written', async () => {
  const { brokers, moveLeader } = await startCluster()
  const [zero, one, two] = await openAll(brokers)
  await zero.metadata('orders')
  await zero.produce('orders', 0, {})
  await zero.produce('orders', 0, {})
  moveLeader('orders', 0, 1) // writes nothing in epoch 1
  moveLeader('orders', 0, 2)
  await two.produce('orders', 0, {})
  moveLeader('orders', 0, 1)
  const ends = await Promise.all(
    [-1, 0, 1, 2, 3, 4].map(async (epoch) => (await openRaw(brokers[1] ?? '')).endOfEpoch('orders', 0, epoch)),
  )
  expect(ends.map(({ epoch, endOffset }) => [epoch, endOffset])).toEqual([
    [-1, -1],
    [0, 2],
    [0, 2],
    [2, 3],
    [3, 3],
    [-1, -1],
  ])
  expect(await one.listOffsets('orders', 0, { timestamp: -2 })).toMatchObject({ offset: 0, leaderEpoch: 0 })
  expect(await one.listOffsets('orders', 0, { timestamp: -1 })).toMatchObject({ offset: 3, leaderEpoch: 3 })
})

test('who waits for records at a node that is leader no more is told at once', async () => {
  const { brokers, moveLeader } = await startCluster()
  const [zero, one] = await openAll(brokers)
  await zero.metadata('orders')
  const waiting = zero.fetch('orders', 0, { maxWait: 60_000 })
  await one.metadata('orders') // the fetch has arrived by then
  moveLeader('orders', 0, 1)
  expect((await waiting).error).toBe(NOT_LEADER)
})

test('a partition without leader holds up only itself', async () => {
  const { client, brokers, withhold, restore, leaderOf } = await startCluster()
  const [zero, one] = await openAll(brokers)
  await zero.metadata('orders')
  withhold('orders', 0)
  expect(leaderOf('orders', 0)).toBeUndefined()
  expect((await one.metadata('orders')).partitions).toMatchObject([
    { error: NO_LEADER, leader: -1, leaderEpoch: 1, replicas: [0, 1, 2], isr: [0, 1, 2], offline: [] },
    { error: 0, leader: 1 },
    { error: 0, leader: 2 },
  ])
  expect((await zero.produce('orders', 0)).error).toBe(NOT_LEADER)
  expect((await one.produce('orders', 1)).error).toBe(0)
  restore('orders', 0)
  expect((await one.metadata('orders')).partitions[0]).toMatchObject({ error: 0, leader: 0, leaderEpoch: 2 })
  await produce(client, 'orders', { value: 'after', partition: 0 })
})

test('what is acknowledged while leaders move is kept, once and in order', async () => {
  const { client, brokers, moveLeader } = await startCluster({ partitions: 1 })
  const nodes = await openAll(brokers)
  await nodes[0].metadata('orders')
  const values = Array.from({ length: 60 }, (_, n) => `${n}`)
  let acknowledged = 0
  let done = false
  const errors = new Set<number>()
  // Beside KafkaJS, which hides errors that it retries, clients that do not follow the leader.
  const strangers = nodes.map(async (node) => {
    while (!done) errors.add((await node.fetch('orders', 0)).error)
  })
  const moving = (async () => {
    for (let n = 1; n < values.length / 5; n++) {
      await until(() => acknowledged > n * 5)
      moveLeader('orders', 0, n % 3)
    }
  })()
  const producer = await connectProducer(client, { retries: 100 })
  for (const value of values) {
    await producer.send({ topic: 'orders', acks: -1, messages: [{ value, partition: 0 }] })
    acknowledged++
  }
  done = true
  await Promise.all([...strangers, moving])
  expect(await read(client, 'orders', values.length)).toEqual(values)
  expect(errors).toEqual(new Set([0, NOT_LEADER]))
})

test('epochs go on where they were after a restart, whether or not records bear them', async () => {
  const folder = await temporaryFolder()
  const before = await startCluster({ folder })
  const [zero] = await openAll(before.brokers)
  await zero.metadata('orders')
  for (const node of [1, 2, 0]) before.moveLeader('orders', 0, node)
  before.moveLeader('orders', 1, 0)
  await zero.produce('orders', 1)
  await before.close()

  const after = await startCluster({ folder })
  const again = await openRaw(after.brokers[0] ?? '')
  const epochs = async (node: typeof again) =>
    (await node.metadata('orders')).partitions.map(({ leaderEpoch }) => leaderEpoch)
  expect(await epochs(again)).toEqual([4, 2, 1])
  await again.produce('orders', 0)
  await after.close()

  const last = await startCluster({ folder })
  const [first = 0] = await epochs(await openRaw(last.brokers[0] ?? ''))
  expect(first).toBe(5)
})
