// A conversation in the new protocol, as Apache Kafka 4.3.1 answers it.

import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, produce, startBroker } from '../fixtures.ts'
import { OffsetCommit, OffsetFetch } from '../protocol/committed-offsets.ts'
import { ConsumerGroupDescribe, ConsumerGroupHeartbeat } from '../protocol/consumer-groups.ts'
import { JoinGroup, ListGroups } from '../protocol/groups.ts'
import { Metadata } from '../protocol/metadata.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

async function openGroup() {
  const { brokers, client } = await startBroker()
  await produce(client, 'orders', 'a')
  const ask = await openClient(brokers)
  const id = (await ask(Metadata, 12, { topics: [{ name: 'orders' }] })).topics[0]?.id ?? ''
  const has = (...partitions: number[]) => ({ topics: partitions.length ? [{ id, partitions }] : [] })
  const beat = (member: string, epoch: number, more: Partial<typeof ConsumerGroupHeartbeat.request.zero> = {}) =>
    ask(ConsumerGroupHeartbeat, 1, { group: 'g', member, epoch, ...more })
  const join = (member: string, more = {}) =>
    beat(member, 0, { rebalanceTimeout: 5_000, topics: ['orders'], owned: [], ...more })
  return { ask, has, beat, join, owns: (...partitions: number[]) => ({ owned: has(...partitions).topics }) }
}

test('a partition moves to a new member when the old one has given it back, and not before', async () => {
  const { ask, has, beat, join, owns } = await openGroup()
  expect(await join('a')).toMatchObject({ error: 0, member: 'a', epoch: 2, assignment: has(0, 1, 2) })
  expect(await beat('a', 2, owns(0, 1, 2))).toMatchObject({ epoch: 2, assignment: null })
  expect(await join('b')).toMatchObject({ epoch: 3, assignment: has() })
  expect(await beat('a', 2)).toMatchObject({ epoch: 2, assignment: has(0, 1) })
  expect(await beat('b', 3)).toMatchObject({ epoch: 3, assignment: null })
  const described = async () => (await ask(ConsumerGroupDescribe, 1, { groups: ['g'] })).groups[0]
  expect(await described()).toMatchObject({ state: 'Reconciling', epoch: 3, assignor: 'uniform' })
  expect(await beat('a', 2, owns(0, 1))).toMatchObject({ epoch: 3, assignment: null })
  expect(await beat('b', 3)).toMatchObject({ epoch: 3, assignment: has(2) })
  expect(await described()).toMatchObject({ state: 'Stable', members: [{ id: 'a' }, { id: 'b' }] })
  expect((await ask(ListGroups, 5, { types: ['Consumer'] })).groups).toMatchObject([{ group: 'g', type: 'consumer' }])

  expect(await beat('b', -1)).toMatchObject({ error: 0, epoch: -1 })
  expect(await beat('a', 3)).toMatchObject({ epoch: 4, assignment: has(0, 1, 2) })
})

test('a member commits and fetches offsets in its epoch, and nobody else does', async () => {
  const { ask, join, owns, beat } = await openGroup()
  await join('a')
  await beat('a', 2, owns(0, 1, 2))
  const commit = async (member: string, generation: number, version = 9) => {
    const topics = [{ name: 'orders', partitions: [{ index: 0, offset: 1, metadata: '' }] }]
    return (await ask(OffsetCommit, version, { group: 'g', member, generation, topics })).topics[0]?.partitions[0]
      ?.error
  }
  expect(await commit('a', 2)).toBe(0)
  expect(await commit('a', 1)).toBe(code('STALE_MEMBER_EPOCH'))
  expect(await commit('a', 9)).toBe(code('STALE_MEMBER_EPOCH'))
  expect(await commit('x', 2)).toBe(code('UNKNOWN_MEMBER_ID'))
  expect(await commit('', -1)).toBe(code('UNKNOWN_MEMBER_ID'))
  expect(await commit('a', 2, 8)).toBe(code('UNSUPPORTED_VERSION'))
  const fetch = async (member: string | null, memberEpoch: number) =>
    (await ask(OffsetFetch, 9, { groups: [{ group: 'g', member, memberEpoch, topics: null }] })).groups[0]
  expect(await fetch('a', 1)).toMatchObject({ error: code('STALE_MEMBER_EPOCH') })
  expect(await fetch('x', 2)).toMatchObject({ error: code('UNKNOWN_MEMBER_ID') })
  const found = { error: 0, topics: [{ partitions: [{ index: 0, offset: 1 }] }] }
  expect(await fetch('a', 2)).toMatchObject(found)
  expect(await fetch(null, -1)).toMatchObject(found)
})

test('a static member that leaves for now gets its partitions back, and fences who used its name', async () => {
  const { has, beat, join } = await openGroup()
  const one = { instance: 'one' }
  const { epoch } = await join('s', one)
  expect(await join('t', one)).toMatchObject({ error: code('UNRELEASED_INSTANCE_ID') })
  expect(await beat('s', -2, one)).toMatchObject({ error: 0, epoch: -2 })
  expect(await join('t', one)).toMatchObject({ error: 0, epoch, assignment: has(0, 1, 2) })
  expect(await beat('s', epoch, one)).toMatchObject({ error: code('FENCED_INSTANCE_ID') })
})

test('what makes no sense is refused in the words of Kafka', async () => {
  const { ask, beat, join } = await openGroup()
  await join('a')
  const invalid = (message: string) => ({ error: code('INVALID_REQUEST'), message })
  expect(await join('')).toMatchObject(invalid("MemberId can't be empty."))
  expect(await join('b', { rebalanceTimeout: -1 })).toMatchObject(
    invalid('RebalanceTimeoutMs must be provided in first request.'),
  )
  expect(await join('b', { owned: null })).toMatchObject(invalid('TopicPartitions must be empty when (re-)joining.'))
  expect(await join('b', { assignor: 'nope' })).toMatchObject({ error: code('UNSUPPORTED_ASSIGNOR') })
  for (const regex of ['(', '(a+)+$', 'a*a*a*'])
    expect(await join('b', { regex })).toMatchObject({ error: code('INVALID_REGULAR_EXPRESSION') })
  expect(await beat('x', 2)).toMatchObject({ error: code('UNKNOWN_MEMBER_ID') })
  for (const epoch of [1, 7]) expect(await beat('a', epoch)).toMatchObject({ error: code('FENCED_MEMBER_EPOCH') })
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }]
  const classic = { group: 'g', sessionTimeout: 10_000, member: '', protocolType: 'consumer', protocols }
  expect(await ask(JoinGroup, 9, classic)).toMatchObject({ error: code('INCONSISTENT_GROUP_PROTOCOL') })
})

test('a regular expression subscribes to the topics that it matches as a whole', async () => {
  const { join } = await openGroup()
  expect((await join('a', { topics: null, regex: 'ord.*' })).assignment?.topics).toHaveLength(1)
  expect((await join('a', { topics: null, regex: 'ord' })).assignment?.topics).toHaveLength(0)
})
