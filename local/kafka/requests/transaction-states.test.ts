// Which transactions there are, as Apache Kafka 4.3.1 tells it.

import { expect, onTestFinished, test, vi } from 'vitest'
import { KafkaError } from '../errors.ts'
import { connectProducer, openClient, startBroker, startCluster } from '../fixtures.ts'
import { DescribeProducers, DescribeTransactions, ListTransactions } from '../protocol/transaction-states.ts'
import { AddPartitionsToTxn, EndTxn, InitProducerId } from '../protocol/transactions.ts'
import { Metadata } from '../protocol/metadata.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code
const at = (now: number) => {
  vi.setSystemTime(now)
  onTestFinished(() => void vi.useRealTimers())
}

/** `open` has a transaction over two topics, `done` one that is committed, and `idle` none. */
async function openTransactions() {
  const { brokers } = await startBroker()
  const ask = await openClient(brokers)
  const begin = async (transactionalId: string) => {
    const { producerId, epoch } = await ask(InitProducerId, 2, { transactionalId, timeout: 60_000 })
    return { transactionalId, producerId, epoch }
  }
  const [open, done] = [await begin('open'), await begin('done')]
  await begin('idle')
  await ask(Metadata, 9, { topics: [{ name: 'a' }, { name: 'b' }] })
  const topics = [
    { name: 'a', partitions: [1, 0] },
    { name: 'b', partitions: [2] },
  ]
  at(1_000_000)
  await ask(AddPartitionsToTxn, 3, { ...open, topics })
  await ask(AddPartitionsToTxn, 3, { ...done, topics })
  await ask(EndTxn, 3, { ...done, committed: true })
  const list = async (filters: Partial<typeof ListTransactions.request.zero> = {}) => {
    const { transactions, ...answer } = await ask(ListTransactions, 2, filters)
    return { ...answer, ids: transactions.map(({ id }) => id) }
  }
  return { ask, open, list }
}

test('each transaction is told with its state, its partitions and when it began', async () => {
  const { ask, open } = await openTransactions()
  const ids = ['open', 'done', 'idle', 'none', '']
  expect((await ask(DescribeTransactions, 0, { ids })).transactions).toMatchObject([
    {
      id: 'open',
      error: 0,
      state: 'Ongoing',
      timeout: 60_000,
      startedAt: 1_000_000,
      producerId: open.producerId,
      epoch: open.epoch,
      topics: [
        { name: 'a', partitions: [0, 1] },
        { name: 'b', partitions: [2] },
      ],
    },
    { id: 'done', error: 0, state: 'CompleteCommit', startedAt: 1_000_000, topics: [] },
    { id: 'idle', error: 0, state: 'Empty', startedAt: -1, topics: [] },
    { id: 'none', error: code('TRANSACTIONAL_ID_NOT_FOUND') },
    { id: '', error: code('INVALID_REQUEST') },
  ])
})

test('transactions can be asked for by state, producer, duration and name', async () => {
  const { open, list } = await openTransactions()
  const all = ['open', 'done', 'idle']
  at(1_000_500)
  expect(await list()).toMatchObject({ error: 0, ids: all })
  expect(await list({ states: ['Ongoing', 'Empty'] })).toMatchObject({ ids: ['open', 'idle'], unknownStates: [] })
  expect(await list({ states: ['ongoing'] })).toMatchObject({ ids: [], unknownStates: ['ongoing'] })
  expect(await list({ producerIds: [open.producerId] })).toMatchObject({ ids: ['open'] })
  expect(await list({ duration: 499 })).toMatchObject({ ids: all })
  expect(await list({ duration: 500 })).toMatchObject({ ids: ['idle'] })
  expect(await list({ pattern: 'o' })).toMatchObject({ ids: [] })
  expect(await list({ pattern: 'o.*|idle' })).toMatchObject({ ids: ['open', 'idle'] })
  for (const pattern of ['(', '(o+)+$'])
    expect(await list({ pattern })).toMatchObject({ error: code('INVALID_REGULAR_EXPRESSION'), ids: [] })
})

test('a partition tells who writes to it, and from where it waits for the end of a transaction', async () => {
  const { brokers, client } = await startBroker({ partitions: 1 })
  const producer = await connectProducer(client, { transactionalId: 'writer' })
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }] })
  const ask = await openClient(brokers)
  const described = async (name = 'orders', index = 0) =>
    (await ask(DescribeProducers, 0, { topics: [{ name, partitions: [index] }] })).topics[0]?.partitions[0]
  expect(await described()).toMatchObject({ error: 0, producers: [{ epoch: 0, lastSequence: 1, transactionStart: 0 }] })
  await transaction.commit()
  expect(await described()).toMatchObject({ producers: [{ transactionStart: -1 }] })
  expect(await described('orders', 7)).toMatchObject({ error: code('UNKNOWN_TOPIC_OR_PARTITION') })
  expect(await described('none')).toMatchObject({ error: code('UNKNOWN_TOPIC_OR_PARTITION') })
  expect(await described('bad name')).toMatchObject({ error: code('INVALID_TOPIC_EXCEPTION') })
})

test('a node tells of the transactions that it coordinates, and of partitions that it leads', async () => {
  const { brokers } = await startCluster()
  const asked = await Promise.all(brokers.map((broker) => openClient([broker])))
  const ids = ['a', 'b', 'c']
  for (const ask of asked) for (const id of ids) await ask(InitProducerId, 2, { transactionalId: id, timeout: 60_000 })
  await asked[0]?.(Metadata, 9, { topics: [{ name: 'orders' }] })
  const told = await Promise.all(
    asked.map(async (ask) => {
      const described = (await ask(DescribeTransactions, 0, { ids })).transactions
      return {
        listed: (await ask(ListTransactions, 2, {})).transactions.map(({ id }) => id),
        described: described.filter(({ error }) => error === 0).map(({ id }) => id),
        others: new Set(described.filter(({ error }) => error).map(({ error }) => error)),
        led: (await ask(DescribeProducers, 0, { topics: [{ name: 'orders', partitions: [0] }] })).topics[0]
          ?.partitions[0]?.error,
      }
    }),
  )
  expect(told.flatMap(({ listed }) => listed).toSorted()).toEqual(ids)
  for (const { listed, described, others } of told) {
    expect(described).toEqual(listed)
    expect(others).toEqual(new Set([code('NOT_COORDINATOR')]))
  }
  const { code: notLeader } = new KafkaError('NOT_LEADER_OR_FOLLOWER')
  expect(told.map(({ led }) => led)).toEqual([0, notLeader, notLeader])
})
