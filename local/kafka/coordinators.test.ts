import { expect, test } from 'vitest'
import { KafkaError } from './errors.ts'
import { connectProducer, produce, startCluster, subscribe, until } from './fixtures.ts'
import { openRaw } from './raw-requests.ts'

const { code: NOT_COORDINATOR } = new KafkaError('NOT_COORDINATOR')
const openNode = (brokers: string[], id: number) => openRaw(brokers[id] ?? '')

test('groups and transactional ids move from a node that goes down to one that lives', async () => {
  const { client, brokers, down, up, leaderOf } = await startCluster()
  await produce(client, 'orders', { value: 'a', partition: 1 })
  const one = await openNode(brokers, 1)
  expect((await one.coordinator('!', 1)).node).toBe(0) // byte 33
  const producer = await connectProducer(client, { transactionalId: '!', retries: 100 })
  const { received, assignments } = await subscribe(client, {
    topic: 'orders',
    groupId: '!',
    retry: { initialRetryTime: 20, retries: 100 },
  })
  await until(() => received.length === 1 && assignments.length)
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'orders', messages: [{ value: 'b', partition: 1 }] })
  await down(0)
  expect(await one.coordinator('!', 1)).toMatchObject({ error: 0, node: 1 })
  expect(await one.coordinator('!')).toMatchObject({ error: 0, node: 1 })
  expect((await one.metadata('orders')).controllerId).toBe(1)
  for (const node of [one, await openNode(brokers, 2)])
    expect((await node.initProducer('!!')).error).toBe(node === one ? 0 : NOT_COORDINATOR) // bytes 66: shared out like 33
  await transaction.commit()
  await until(() => received.length === 2)
  await up(0)
  expect(leaderOf('orders', 1)).toBe(1)
  expect((await one.coordinator('!')).node).toBe(1)
})

test('who waits for other members at a node that goes down is sent to the next coordinator, where the group goes on', async () => {
  const { brokers, down } = await startCluster()
  const [member, waiting, next] = [await openNode(brokers, 0), await openNode(brokers, 0), await openNode(brokers, 1)]
  expect(await member.join('!')).toMatchObject({ error: 0, generation: 1 })
  const joining = waiting.join('!')
  await member.coordinator('!') // it has arrived by then
  await down(0)
  expect((await joining).error).toBe(NOT_COORDINATOR)
  const rejoining = next.join('!') // waits for the first member, as the group is still there
  await (await openNode(brokers, 1)).coordinator('!')
  await down(1)
  expect((await rejoining).error).toBe(NOT_COORDINATOR)
})

test('what a group has committed is known to its next coordinator', async () => {
  const { client, brokers, kill } = await startCluster()
  await produce(client, 'orders', { value: 'a', partition: 1 }, { value: 'b', partition: 1 })
  const before = await subscribe(client, { topic: 'orders', groupId: '!' })
  await until(() => before.received.length === 2)
  await before.consumer.disconnect()
  await kill(0)
  expect((await (await openNode(brokers, 1)).coordinator('!')).node).toBe(1)
  await produce(client, 'orders', { value: 'c', partition: 1 })
  const after = await subscribe(client, { topic: 'orders', groupId: '!' })
  await until(() => after.received.length)
  expect(after.received.map(({ message }) => String(message.value))).toEqual(['c'])
})
