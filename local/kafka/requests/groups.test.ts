import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker } from '../fixtures.ts'
import { OffsetCommit } from '../protocol/committed-offsets.ts'
import { ConsumerGroupHeartbeat } from '../protocol/consumer-groups.ts'
import { DescribeGroups, ListGroups } from '../protocol/groups.ts'
import { Metadata } from '../protocol/metadata.ts'

/** `classic` has only offsets, and `modern` a member that speaks the protocol of KIP-848. */
async function openGroups() {
  const ask = await openClient((await startBroker()).brokers)
  await ask(Metadata, 9, { topics: [{ name: 'orders' }] })
  const topics = [{ name: 'orders', partitions: [{ index: 0, offset: 1 }] }]
  await ask(OffsetCommit, 8, { group: 'classic', generation: -1, topics })
  const joining = { member: 'm', epoch: 0, rebalanceTimeout: 5_000, topics: ['orders'], owned: [] }
  await ask(ConsumerGroupHeartbeat, 1, { group: 'modern', ...joining })
  return ask
}

test('who asks for a group that is not there is told so, since there is a version to say it', async () => {
  const ask = await openGroups()
  const describe = async (version: number) =>
    (await ask(DescribeGroups, version, { groups: ['classic', 'modern', 'none'] })).groups
  const error = new KafkaError('GROUP_ID_NOT_FOUND').code
  expect(await describe(6)).toMatchObject([
    { group: 'classic', error: 0, message: null, state: 'Empty' },
    { group: 'modern', error, message: 'Group modern is not a classic group.', state: 'Dead' },
    { group: 'none', error, message: 'Group none not found.', state: 'Dead' },
  ])
  const dead = { error: 0, state: 'Dead' }
  expect(await describe(5)).toMatchObject([{ error: 0, state: 'Empty' }, dead, dead])
})

test.each([
  [{}, ['classic', 'modern']],
  [{ states: ['Empty'] }, ['classic']],
  [{ states: ['empty', 'Other'] }, ['classic']],
  [{ states: ['Other'] }, []],
  [{ types: ['Consumer'] }, ['modern']],
  [{ types: ['classic', 'consumer'], states: ['Reconciling', 'Stable'] }, ['modern']],
  [{ types: ['other'] }, []],
])('of all groups, %j lists %j', async (filters, listed) => {
  const ask = await openGroups()
  expect((await ask(ListGroups, 5, filters)).groups.map(({ group }) => group)).toEqual(listed)
})
