import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, produce, startBroker, startCluster } from '../fixtures.ts'
import { CreateAcls, DeleteAcls, DescribeAcls } from '../protocol/acls.ts'
import { ElectLeaders, ListPartitionReassignments } from '../protocol/leaders.ts'

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
