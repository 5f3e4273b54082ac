import { expect, test } from 'vitest'
import { KafkaError } from './errors.ts'
import { connectProducer, openSocket, read, startCluster, subscribe, temporaryFolder, until } from './fixtures.ts'
import { openRaw } from './raw-requests.ts'

const codeOf = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code
const NOT_LEADER = codeOf('NOT_LEADER_OR_FOLLOWER')
const TIMED_OUT = codeOf('REQUEST_TIMED_OUT')
const NOT_ENOUGH = codeOf('NOT_ENOUGH_REPLICAS')

const openNode = (brokers: string[], id: number) => openRaw(brokers[id] ?? '')

test('nothing that was acknowledged is lost, for a producer and a consumer, while each node in turn goes down and comes up', async () => {
  const { client, down, up } = await startCluster()
  const producer = await connectProducer(client, { retries: 100 })
  await producer.send({ topic: 'orders', messages: [0, 1, 2].map((partition) => ({ value: 'first', partition })) })
  const { received } = await subscribe(client, {
    topic: 'orders',
    groupId: 'workers',
    retry: { initialRetryTime: 20, retries: 100 },
  })
  await until(() => received.length >= 3)
  const acknowledged: string[] = []
  let done = false
  const producing = [0, 1, 2].map(async (partition) => {
    for (let n = 0; !done; n++) {
      await producer.send({ topic: 'orders', acks: -1, messages: [{ value: `${partition}-${n}`, partition }] })
      acknowledged.push(`${partition}-${n}`)
    }
  })
  const moreThan = (count: number) => until(() => acknowledged.length > count)
  for (const node of [0, 1, 2]) {
    await down(node)
    await moreThan(acknowledged.length + 10)
    await up(node)
    await moreThan(acknowledged.length + 10)
  }
  done = true
  await Promise.all(producing)
  const values = () => new Set(received.map(({ message }) => String(message.value)))
  await until(() => acknowledged.every((value) => values().has(value)))
})

test('a node that goes down gracefully answers what is under way', async () => {
  const { brokers, down } = await startCluster()
  const zero = await openNode(brokers, 0)
  await zero.metadata('orders')
  await zero.produce('orders', 0)
  const waiting = zero.fetch('orders', 0, { offset: 1, maxWait: 60_000 })
  await (await openNode(brokers, 0)).metadata('orders') // the fetch has arrived by then
  await down(0)
  expect((await waiting).error).toBe(NOT_LEADER)
  await expect(openSocket(brokers)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('nothing that was acknowledged is lost when nodes are killed, and nobody is answered by the dead', async () => {
  const { client, brokers, kill, up, leaderOf } = await startCluster()
  const zero = await openNode(brokers, 0)
  await zero.metadata('orders')
  await zero.metadata('quiet')
  const unanswered = zero.fetch('quiet', 0, { maxWait: 60_000 })
  const producer = await connectProducer(client, { retries: 100 })
  const acknowledged: string[] = []
  let done = false
  const producing = (async () => {
    for (let n = 0; !done; n++) {
      await producer.send({ topic: 'orders', acks: -1, messages: [{ value: `${n}`, partition: 0 }] })
      acknowledged.push(`${n}`)
    }
  })()
  await until(() => acknowledged.length > 10)
  const noticed = Promise.withResolvers<void>()
  const killed = kill(0, noticed.promise)
  await expect(unanswered).rejects.toThrow()
  const one = await openNode(brokers, 1)
  expect((await one.metadata('orders')).partitions[0]).toMatchObject({ leader: 0, leaderEpoch: 0 }) // not noticed yet
  noticed.resolve()
  await killed
  expect(leaderOf('orders', 0)).toBe(1)
  expect((await one.metadata('orders')).partitions[0]).toMatchObject({ leader: 1, isr: [1, 2], offline: [0] })
  const before = acknowledged.length
  await until(() => acknowledged.length > before + 10)
  await up(0)
  await kill(1)
  const after = acknowledged.length
  await until(() => acknowledged.length > after + 10)
  done = true
  await producing
  const found = await read(client, 'orders', acknowledged.length)
  expect([...new Set(found)]).toEqual(acknowledged) // one whose answer was lost may be there twice
})

test('a node that is back is in sync again, and leads again when it is asked to', async () => {
  const { brokers, down, up, electPreferred } = await startCluster()
  const two = await openNode(brokers, 2)
  const first = async () => (await two.metadata('orders')).partitions[0]
  await first()
  await down(0)
  expect(await first()).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [1, 2], offline: [0] })
  expect((await two.metadata('orders')).brokers.map(({ id }) => id)).toEqual([1, 2])
  await up(0)
  expect(await first()).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [0, 1, 2], offline: [] })
  expect((await two.metadata('orders')).brokers.map(({ host, port }) => `${host}:${port}`)).toEqual(brokers)
  electPreferred()
  expect(await first()).toMatchObject({ leader: 0, leaderEpoch: 2 })
})

test('with fewer in sync than min.insync.replicas acks=all is refused and writes nothing', async () => {
  const { client, brokers, down, up } = await startCluster()
  const two = await openNode(brokers, 2)
  await two.metadata('orders')
  const admin = client.admin()
  await admin.createTopics({ topics: [{ topic: 'single', numPartitions: 3, replicationFactor: 1 }] })
  await admin.disconnect()
  await down(0)
  expect(await two.produce('orders', 2)).toMatchObject({ error: 0, baseOffset: 0 })
  await down(1)
  expect((await two.produce('orders', 2)).error).toBe(NOT_ENOUGH)
  expect(await two.listOffsets('orders', 2)).toMatchObject({ offset: 1 })
  expect(await two.produce('orders', 2, { acks: 1 })).toMatchObject({ error: 0, baseOffset: 1 })
  expect((await two.produce('single', 2)).error).toBe(0) // one replica is all it has
  await up(1)
  expect(await two.produce('orders', 2)).toMatchObject({ error: 0, baseOffset: 2 })
})

test('who was not in sync is never elected: a partition waits for the last that was', async () => {
  const { brokers, kill, up, leaderOf } = await startCluster()
  await (await openNode(brokers, 0)).metadata('orders')
  for (const node of [0, 1, 2]) await kill(node)
  await up(0)
  await up(1)
  expect(leaderOf('orders', 0)).toBeUndefined()
  const { partitions } = await (await openNode(brokers, 0)).metadata('orders')
  expect(partitions[0]).toMatchObject({ error: 5, leader: -1, isr: [2], offline: [2] })
  await up(2)
  expect(leaderOf('orders', 0)).toBe(2)
})

test('a node that is cut off acknowledges nothing with acks=all, though it believes that it leads', async () => {
  const { brokers, isolate, rejoin, leaderOf } = await startCluster()
  const [zombie, again, one] = [await openNode(brokers, 0), await openNode(brokers, 0), await openNode(brokers, 1)]
  await zombie.metadata('orders')
  await zombie.produce('orders', 0)
  await isolate(0)
  expect(leaderOf('orders', 0)).toBe(1)
  expect((await zombie.metadata('orders')).partitions[0]).toMatchObject({ leader: 0, leaderEpoch: 0, isr: [0, 1, 2] })
  expect((await one.metadata('orders')).partitions[0]).toMatchObject({
    leader: 1,
    leaderEpoch: 1,
    isr: [1, 2],
    offline: [0],
  })

  expect(await one.produce('orders', 0)).toMatchObject({ error: 0, baseOffset: 1 })
  expect((await zombie.produce('orders', 0, { timeout: 10 })).error).toBe(TIMED_OUT)
  expect(await zombie.fetch('orders', 0)).toMatchObject({ error: 0, highWatermark: 1 })
  expect(await zombie.listOffsets('orders', 0)).toMatchObject({ error: 0, offset: 1, leaderEpoch: 0 })
  expect((await zombie.metadata('later')).error).toBe(TIMED_OUT)
  // What acks=1 acknowledges here is lost, as in Kafka.
  expect(await zombie.produce('orders', 0, { acks: 1 })).toMatchObject({ error: 0, baseOffset: 1 })
  expect(await zombie.produce('orders', 0, { acks: 1 })).toMatchObject({ error: 0, baseOffset: 2 })
  expect(await one.listOffsets('orders', 0)).toMatchObject({ offset: 2 })

  const waiting = zombie.produce('orders', 0, { timeout: 60_000 })
  await again.metadata('orders') // it has arrived by then
  await rejoin(0)
  expect((await waiting).error).toBe(NOT_LEADER)
  expect((await zombie.metadata('orders')).partitions[0]).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [0, 1, 2] })
  expect(await one.listOffsets('orders', 0)).toMatchObject({ offset: 2 })
})

test('a node that was cut off below min.insync.replicas refuses acks=all at once', async () => {
  const { brokers, down, isolate } = await startCluster()
  const zombie = await openNode(brokers, 2)
  await zombie.metadata('orders')
  await down(0)
  await down(1)
  await isolate(2)
  expect((await zombie.produce('orders', 2, { timeout: 60_000 })).error).toBe(NOT_ENOUGH)
})

test('a killed node that was cut off comes back as a node like the others', async () => {
  const { brokers, isolate, kill, up } = await startCluster()
  await (await openNode(brokers, 0)).metadata('orders')
  await isolate(0)
  await kill(0)
  await up(0)
  expect((await (await openNode(brokers, 0)).metadata('orders')).partitions[0]).toMatchObject({
    leader: 1,
    isr: [0, 1, 2],
  })
})

test('calls for one node wait for one another, and one that makes no sense says why', async () => {
  const { brokers, moveLeader, down, up, isolate, rejoin } = await startCluster({ folder: await temporaryFolder() })
  await (await openNode(brokers, 0)).metadata('orders')
  await Promise.all([down(1), up(1), down(1)])
  await expect(down(1)).rejects.toThrow('node 1 is down, not up or isolated')
  await expect(rejoin(0)).rejects.toThrow('node 0 is up, not isolated')
  await expect(isolate(7)).rejects.toThrow('there is no node 7')
  expect(() => moveLeader('orders', 0, 1)).toThrow('node 1 is not in the ISR of orders-0')
})
