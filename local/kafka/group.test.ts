import { AssignerProtocol } from 'kafkajs'
import { expect, test } from 'vitest'
import {
  openClient,
  openConnection,
  produce,
  startBroker,
  startBrokerProcess,
  subscribe,
  temporaryFolder,
  until,
} from './fixtures.ts'
import { JoinGroup, LeaveGroup } from './protocol/groups.ts'
import { array, int32, int64, list, string } from './protocol/types.ts'
import type { Writer } from './protocol/writer.ts'

test('two consumers share three partitions, and one that is left gets them all', async () => {
  const { client } = await startBroker()
  await produce(
    client,
    'orders',
    { value: 'a', partition: 0 },
    { value: 'b', partition: 1 },
    { value: 'c', partition: 2 },
  )
  const first = await subscribe(client, { topic: 'orders', groupId: 'workers' })
  await until(() => first.received.length === 3)
  const second = await subscribe(client, { topic: 'orders', groupId: 'workers' })
  const shares = () => [first, second].map(({ assignments }) => assignments.at(-1) ?? [])
  await until(() => shares().every((share) => share.length) && shares().flat().length === 3)
  expect(new Set(shares().flat())).toEqual(new Set([0, 1, 2]))

  await first.consumer.disconnect()
  await until(() => second.assignments.at(-1)?.length === 3)
  await produce(
    client,
    'orders',
    { value: 'd', partition: 0 },
    { value: 'e', partition: 1 },
    { value: 'f', partition: 2 },
  )
  await until(() => second.received.length === 3)
  expect(second.received.map(({ message }) => String(message.value)).toSorted()).toEqual(['d', 'e', 'f'])
})

test('the leader sees what each member subscribed to', async () => {
  const { client } = await startBroker()
  await produce(client, 'orders', 'one')
  const { consumer, assignments } = await subscribe(client, { topic: 'orders', groupId: 'workers' })
  await until(() => assignments.length)
  const { members, state } = await consumer.describeGroup()
  expect(state).toBe('Stable')
  expect(members.map(({ memberMetadata }) => AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics)).toEqual([
    ['orders'],
  ])
})

test('committed offsets survive a restart', async () => {
  const folder = await temporaryFolder()
  const before = await startBroker({ folder })
  await produce(before.client, 'orders', { value: 'a', partition: 1 }, { value: 'b', partition: 1 })
  const { consumer, received } = await subscribe(before.client, { topic: 'orders', groupId: 'workers' })
  await until(() => received.length === 2)
  await consumer.disconnect()
  await before.close()

  const after = await startBroker({ folder })
  await produce(after.client, 'orders', { value: 'c', partition: 1 })
  const again = await subscribe(after.client, { topic: 'orders', groupId: 'workers' })
  await until(() => again.received.length)
  expect(again.received.map(({ message }) => String(message.value))).toEqual(['c'])
})

test('every acknowledged commit survives a kill, however many commit at once', async () => {
  const folder = await temporaryFolder()
  const before = await startBrokerProcess(folder)
  const admin = before.client.admin()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 100 }] })
  await admin.disconnect()
  const acknowledged = new Map<string, number>()
  const committing = Promise.allSettled(
    ['a', 'b', 'c', 'd'].map(async (group) => {
      const ask = await openConnection(before.brokers)
      for (let offset = 0; ; offset++) {
        await ask(offsetCommit(group, 'orders', 100, offset))
        acknowledged.set(group, offset)
      }
    }),
  )
  await until(() => acknowledged.size === 4 && Math.max(...acknowledged.values()) > 20)
  await before.kill()
  await committing

  const after = await startBrokerProcess(folder)
  const reader = after.client.admin()
  for (const [groupId, offset] of acknowledged) {
    const [topic] = await reader.fetchOffsets({ groupId, topics: ['orders'] })
    expect(topic?.partitions).toHaveLength(100)
    for (const partition of topic?.partitions ?? []) expect(Number(partition.offset)).toBeGreaterThanOrEqual(offset)
  }
  await reader.disconnect()
})

test.each([
  [[], [], ['workers']],
  [['Empty'], ['Classic'], ['workers']], // as Java's clients write them
  [['empty'], ['classic'], ['workers']],
  [['EMPTY', 'stable'], [], ['workers']],
  [['Stable'], [], []],
  [[], ['Consumer'], []],
])('groups of states %j and types %j are %j', async (states, types, expected) => {
  const { client, brokers } = await startBroker()
  await produce(client, 'orders', 'one')
  const ask = await openConnection(brokers)
  await ask(offsetCommit('workers', 'orders', 1, 0))
  const response = await ask(listGroups(states, types))
  response.take(6) // throttle and error
  const groups = list({ group: string, protocolType: string, state: string, type: string }).read(response)
  expect(groups.map(({ group }) => group)).toEqual(expected)
})

test('a member that was told its id and leaves before it joins holds up nobody', async () => {
  const { brokers } = await startBroker()
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }]
  const timeouts = { sessionTimeout: 1_800_000, rebalanceTimeout: 1_800_000 }
  const asked = { group: 'workers', ...timeouts, member: '', protocolType: 'consumer', protocols }
  const [first, second] = [await openClient(brokers), await openClient(brokers)]
  const { member } = await first(JoinGroup, 4, asked)
  const joined = second(JoinGroup, 3, asked) // of a client that joins without an id, and waits for the first
  const { members } = await first(LeaveGroup, 5, { group: 'workers', members: [{ id: member }] })
  expect(members).toMatchObject([{ id: member, error: 0 }])
  expect(await joined).toMatchObject({ error: 0, generation: 1 })
  const again = await first(LeaveGroup, 5, { group: 'workers', members: [{ id: member }] })
  expect(again.members).toMatchObject([{ error: 25 }])
})

/** From outside of any group: no member, no generation. */
const offsetCommit = (group: string, topic: string, partitions: number, offset: number) => ({
  key: 8,
  version: 2,
  flexible: false,
  write(writer: Writer) {
    string.write(writer, group)
    writer.int32(-1)
    string.write(writer, '')
    writer.int64(-1)
    list({ name: string, partitions: list({ index: int32, offset: int64, metadata: string }) }).write(writer, [
      { name: topic, partitions: Array.from({ length: partitions }, (_, index) => ({ index, offset })) },
    ])
  },
})

const listGroups = (states: string[], types: string[]) => ({
  key: 16,
  version: 5,
  flexible: true,
  write(writer: Writer) {
    array(string).write(writer, states)
    array(string).write(writer, types)
    writer.noTags()
  },
})
