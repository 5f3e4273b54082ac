import { expect, test } from 'vitest'
import { KafkaError } from './errors.ts'
import {
  connectProducer,
  openClient,
  produce,
  read,
  startBroker,
  startBrokerProcess,
  temporaryFolder,
} from './fixtures.ts'
import { InitProducerId } from './protocol/transactions.ts'
import { openRaw } from './raw-requests.ts'

test('readers of committed records see a transaction when it has ended, and never an aborted one', async () => {
  const { client } = await startBroker({ partitions: 1 })
  const producer = await connectProducer(client, { transactionalId: 'tx' })
  for (const [value, end] of [['yes', 'commit'] as const, ['no', 'abort'] as const]) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'orders', messages: [{ value }] })
    await transaction[end]()
  }
  await produce(client, 'orders', 'plain')
  expect(await read(client, 'orders', 2)).toEqual(['yes', 'plain'])
})

test('offsets of a transaction count when it is committed', async () => {
  const { client } = await startBroker({ partitions: 1 })
  await produce(client, 'orders', 'one')
  const admin = client.admin()
  const producer = await connectProducer(client, { transactionalId: 'tx' })
  const committed = async () => {
    const [topic] = await admin.fetchOffsets({ groupId: 'workers', topics: ['orders'] })
    return topic?.partitions[0]?.offset
  }
  for (const [end, expected] of [['abort', '-1'] as const, ['commit', '1'] as const]) {
    const transaction = await producer.transaction()
    const topics = [{ topic: 'orders', partitions: [{ partition: 0, offset: '1' }] }]
    await transaction.sendOffsets({ consumerGroupId: 'workers', topics })
    await transaction[end]()
    expect(await committed()).toBe(expected)
  }
  await admin.disconnect()
})

test('who says that it holds another producer id than that of its transactional id is fenced', async () => {
  const { brokers } = await startBroker()
  const ask = await openClient(brokers)
  const init = (producerId: number, epoch: number) =>
    ask(InitProducerId, 5, { transactionalId: 'tx', timeout: 60_000, producerId, epoch })
  const { producerId } = await init(-1, -1)
  expect(await init(producerId + 1, 0)).toMatchObject({ error: new KafkaError('PRODUCER_FENCED').code })
  expect(await init(producerId, 0)).toMatchObject({ error: 0, producerId, epoch: 1 })
  expect(await init(-1, -1)).toMatchObject({ error: 0, producerId, epoch: 2 })
})

test('a transaction that is open at a kill is aborted at the next start, and holds up no reader', async () => {
  const folder = await temporaryFolder()
  const before = await startBrokerProcess(folder)
  const producer = await connectProducer(before.client, { transactionalId: 'tx' })
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'orders', messages: [{ value: 'never committed', partition: 0 }] })
  await before.kill()

  const after = await startBrokerProcess(folder)
  await produce(after.client, 'orders', { value: 'after', partition: 0 })
  expect(await read(after.client, 'orders', 1)).toEqual(['after'])
})

test('a kill makes nobody forget which producer ids and epochs were given out', async () => {
  const folder = await temporaryFolder()
  const start = async () => {
    const { kill, brokers } = await startBrokerProcess(folder)
    return { kill, raw: await openRaw(brokers[0] ?? '') }
  }
  const before = await start()
  const first = await before.raw.initProducer('tx')
  const { producerId } = await before.raw.initProducer(null)
  await before.kill()
  const { raw } = await start()
  expect(await raw.initProducer('tx')).toMatchObject({ error: 0, producerId: first.producerId, epoch: first.epoch + 1 })
  expect((await raw.initProducer(null)).producerId).toBeGreaterThan(producerId)
})
