import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, produce, read, startBroker, startCluster, temporaryFolder } from '../fixtures.ts'
import { CreateAcls, DeleteAcls, DescribeAcls } from '../protocol/acls.ts'
import { AlterPartitionReassignments, ElectLeaders, ListPartitionReassignments } from '../protocol/leaders.ts'
import { Metadata } from '../protocol/metadata.ts'
import { CreatePartitions, CreateTopics } from '../protocol/topics.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

test('a partition goes back to its preferred leader when an operator asks for it', async () => {
  const { brokers, client, leaderOf, moveLeader, kill } = await startCluster()
  await produce(client, 'orders', 'a')
  const ask = await openClient(brokers.slice(1))
  const elect = async (...partitions: number[]) =>
    (await ask(ElectLeaders, 2, { type: 0, topics: [{ name: 'orders', partitions }], timeout: 1_000 })).results[0]
      ?.partitions
  moveLeader('orders', 0, 1)
  expect(await elect(0, 1, 9)).toMatchObject([
    { index: 0, error: 0 },
    { index: 1, error: code('ELECTION_NOT_NEEDED'), message: 'Leader election not needed for topic partition.' },
    { index: 9, error: code('UNKNOWN_TOPIC_OR_PARTITION'), message: 'No such partition as orders-9' },
  ])
  expect(leaderOf('orders', 0)).toBe(0)

  moveLeader('orders', 0, 1)
  const all = await ask(ElectLeaders, 2, { type: 0, topics: null, timeout: 1_000 })
  expect(all.results).toMatchObject([{ topic: 'orders', partitions: [{ index: 0, error: 0 }] }])
  await kill(0)
  expect(await elect(0)).toMatchObject([{ error: code('PREFERRED_LEADER_NOT_AVAILABLE') }])
  expect(await ask(ListPartitionReassignments, 0, { topics: null })).toMatchObject({ error: 0, topics: [] })
})

/** A topic on two nodes, chosen by hand, and calls that move and show it. */
async function openAssigned(folder: string | null = null) {
  const cluster = await startCluster({ folder })
  const ask = await openClient(cluster.brokers.slice(2))
  const assignments = [0, 1].map((index) => ({ index, brokers: [1, 0] }))
  const created = await ask(CreateTopics, 7, {
    topics: [{ name: 'orders', partitions: -1, replication: -1, assignments }],
  })
  const reassign = async (index: number, replicas: number[] | null, mayResize = true) => {
    const topics = [{ name: 'orders', partitions: [{ index, replicas }] }]
    const answer = await ask(AlterPartitionReassignments, 1, { topics, mayResize })
    return { ...answer, ...answer.topics[0]?.partitions[0] }
  }
  const partitions = async () => (await ask(Metadata, 9, { topics: [{ name: 'orders' }] })).topics[0]?.partitions
  return { ...cluster, ask, created, reassign, partitions }
}

test('partitions go to the nodes that an operator chose, and stay there over a restart', async () => {
  const folder = await temporaryFolder()
  const { client, close, created, reassign, partitions } = await openAssigned(folder)
  expect(created.topics).toMatchObject([{ error: 0, partitions: 2, replication: 2 }])
  const chosen = { replicas: [1, 0], isr: [1, 0], leader: 1, leaderEpoch: 0 }
  expect(await partitions()).toMatchObject([chosen, chosen])
  await produce(client, 'orders', { value: 'a', partition: 0 })

  expect(await reassign(0, [0, 2])).toMatchObject({ error: 0, message: null })
  expect(await partitions()).toMatchObject([{ replicas: [0, 2], isr: [0, 2], leader: 0, leaderEpoch: 1 }, chosen])
  expect(await reassign(0, [2, 1, 0])).toMatchObject({ error: 0 })
  const moved = { replicas: [2, 1, 0], isr: [2, 1, 0], leader: 0, leaderEpoch: 1 } // who leads goes on while it can
  expect(await partitions()).toMatchObject([moved, chosen])
  await produce(client, 'orders', { value: 'b', partition: 0 })
  expect(await read(client, 'orders', 2)).toEqual(['a', 'b'])
  await close()

  const after = await startCluster({ folder })
  const ask = await openClient(after.brokers)
  expect((await ask(Metadata, 9, { topics: [{ name: 'orders' }] })).topics[0]?.partitions).toMatchObject([
    { replicas: [2, 1, 0] },
    { replicas: [1, 0] },
  ])
  expect(await read(after.client, 'orders', 2)).toEqual(['a', 'b'])
})

test.each([
  [[], 'INVALID_REPLICA_ASSIGNMENT', 'The manual partition assignment includes an empty replica list.'],
  [[9], 'INVALID_REPLICA_ASSIGNMENT', 'assignment includes broker 9, but no such broker is registered.'],
  [[1, 1], 'INVALID_REPLICA_ASSIGNMENT', 'The manual partition assignment includes the broker 1 more than once.'],
  [null, 'NO_REASSIGNMENT_IN_PROGRESS', 'NO_REASSIGNMENT_IN_PROGRESS'],
] as const)('a partition cannot go to %j', async (replicas, error, message) => {
  const { reassign, partitions } = await openAssigned()
  const answer = await reassign(0, replicas && [...replicas])
  expect(answer).toMatchObject({ error: code(error) })
  expect(answer.message).toContain(message)
  expect(await partitions()).toMatchObject([{ replicas: [1, 0] }, { replicas: [1, 0] }])
})

test('a partition goes neither to the dead alone nor to more nodes than before, where that is not wanted', async () => {
  const { reassign, kill } = await openAssigned()
  expect(await reassign(0, [0], false)).toMatchObject({
    mayResize: false,
    error: code('INVALID_REPLICATION_FACTOR'),
    message: 'The replication factor is changed from 2 to 1',
  })
  await kill(0)
  expect(await reassign(0, [0])).toMatchObject({ error: code('INVALID_REPLICA_ASSIGNMENT') })
  expect(await reassign(9, [1])).toMatchObject({ error: code('UNKNOWN_TOPIC_OR_PARTITION') })
  expect(await reassign(0, [0, 2])).toMatchObject({ error: 0 })
})

test('what an operator chooses for new partitions must hang together', async () => {
  const { ask, partitions } = await openAssigned()
  const create = async (...assignments: { index: number; brokers: number[] }[]) =>
    (await ask(CreateTopics, 7, { topics: [{ name: 'other', partitions: -1, replication: -1, assignments }] }))
      .topics[0]?.message
  const at = (index: number, ...brokers: number[]) => ({ index, brokers })
  expect(await create(at(0, 0), at(2, 0))).toBe('partitions should be a consecutive 0-based integer sequence')
  expect(await create(at(0, 0), at(0, 0))).toBe('Found multiple manual partition assignments for partition 0')
  expect(await create(at(0, 0), at(1, 0, 1))).toContain('not consistent with previous partitions, which have 1')
  const grow = async (count: number, ...replicas: number[][]) => {
    const topics = [{ name: 'orders', count, assignments: replicas.map((brokers) => ({ brokers })) }]
    return (await ask(CreatePartitions, 3, { topics })).topics[0]?.message
  }
  expect(await grow(5, [0, 1])).toContain('Attempted to add 3 additional partition(s), but only 1 assignment(s)')
  expect(await grow(3, [0])).toContain('a partition with 1 replica(s), but this is not consistent')
  expect(await grow(2, [0, 1])).toBe('Topic already has 2 partition(s).')
  expect(await grow(3, [2, 0])).toBe(null)
  expect(await partitions()).toMatchObject([{}, {}, { replicas: [2, 0], leader: 2 }])
})

test('access control lists are refused as by a Kafka without an authorizer', async () => {
  const { brokers } = await startBroker()
  const ask = await openClient(brokers)
  const refused = { error: code('SECURITY_DISABLED'), message: 'No Authorizer is configured.' }
  const acl = { type: 2, name: 'orders', pattern: 3, principal: 'User:a', host: '*', operation: 3, permission: 3 }
  const untold = { ...refused, message: 'No Authorizer is configured on the broker' }
  expect(await ask(DescribeAcls, 3, acl)).toMatchObject(untold)
  expect((await ask(CreateAcls, 3, { creations: [acl] })).results).toMatchObject([refused])
  expect((await ask(DeleteAcls, 3, { filters: [acl] })).results).toMatchObject([refused])
})
