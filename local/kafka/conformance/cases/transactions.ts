// Transactions (KIP-98, KIP-447).

import { commit, committed, failed, fetch, initProducer, listOffset, produce } from '../asking.ts'
import { uniqueName, until } from '../broker.ts'
import { check } from '../check.ts'
import { COMMITTED, LATEST, ids, brief, add, end, holdOffset, begun, stable } from './transacting.ts'
import { InitProducerId } from '../../protocol/transactions.ts'

export const transactionChecks = [
  check(
    'a transactional id keeps its producer id, in a new epoch',
    async (kafka) => {
      const id = uniqueName('txn')
      const [first, second] = [await initProducer(kafka, id), await initProducer(kafka, id)]
      return [first.error, first.epoch, second.epoch, first.producerId === second.producerId]
    },
    ['NONE', 0, 1, true],
  ),
  ...[
    [0, 'INVALID_TRANSACTION_TIMEOUT'],
    [-1, 'INVALID_TRANSACTION_TIMEOUT'],
    [900_001, 'INVALID_TRANSACTION_TIMEOUT'],
    [900_000, 'NONE'],
  ].map(([timeout, error]) =>
    check(
      `a transaction of ${timeout} ms`,
      async (kafka) => (await initProducer(kafka, uniqueName('txn'), { timeout: Number(timeout) })).error,
      error,
    ),
  ),
  check(
    'no transactional id is empty',
    async (kafka) => {
      const asked = { transactionalId: '', timeout: 60_000 }
      return failed(await kafka.any.ask(InitProducerId, asked, 2))
    },
    'INVALID_REQUEST',
  ),
  check(
    'readers of committed records wait for the end of a transaction',
    async (kafka) => {
      const { topic, written } = await begun(kafka)
      const seen = await fetch(kafka, topic, { isolation: COMMITTED })
      const all = await fetch(kafka, topic)
      const end = await listOffset(kafka, topic, LATEST, { isolation: COMMITTED })
      return [brief(written), seen.values, seen.stable, all.values, end.offset]
    },
    [['NONE', 0], [], 0, ['a'], 0],
  ),
  check(
    'what is committed is there, with a marker behind it',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const ended = await end(kafka, transactionalId, producer, true)
      const { values, high, aborted, batches } = await stable(kafka, topic, 2)
      return [ended, values, high, aborted, batches.map(({ control }) => control)]
    },
    ['NONE', ['a'], 2, [], [false, true]],
  ),
  check(
    'what is aborted is named to readers of committed records',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const ended = await end(kafka, transactionalId, producer, false)
      const { aborted } = await stable(kafka, topic, 2)
      const uncommitted = await fetch(kafka, topic)
      return [
        ended,
        aborted?.map(({ producerId, firstOffset }) => [producerId === producer.producerId, firstOffset]),
        uncommitted.aborted,
      ]
    },
    ['NONE', [[true, 0]], null],
  ),
  check(
    'the end is asked for twice',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const ended = [await end(kafka, transactionalId, producer, true)]
      await stable(kafka, topic, 2)
      ended.push(await end(kafka, transactionalId, producer, true), await end(kafka, transactionalId, producer, false))
      return ended
    },
    ['NONE', 'NONE', 'INVALID_TXN_STATE'],
  ),
  check(
    'a transaction that has not begun has no end',
    async (kafka) => {
      const id = uniqueName('txn')
      return end(kafka, id, await initProducer(kafka, id), true)
    },
    'INVALID_TXN_STATE',
  ),
  check(
    'a zombie is fenced, and its transaction aborted',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const next = await initProducer(kafka, transactionalId)
      await stable(kafka, topic, 2)
      const options = { ...ids(producer), sequence: 1, transactional: true, transactionalId }
      const zombie = await produce(kafka, topic, ['z'], options)
      return [
        next.producerId === producer.producerId && next.epoch > producer.epoch,
        brief(zombie),
        await add(kafka, transactionalId, producer, topic),
        await end(kafka, transactionalId, producer, true),
        (await fetch(kafka, topic, { isolation: COMMITTED })).aborted?.length,
      ]
    },
    [true, ['INVALID_PRODUCER_EPOCH', -1], 'PRODUCER_FENCED', 'PRODUCER_FENCED', 1],
  ),
  check(
    'another producer id is none of this transactional id',
    async (kafka) => {
      const id = uniqueName('txn')
      const { producerId, epoch } = await initProducer(kafka, id)
      const topic = await kafka.topic()
      return [
        await add(kafka, id, { producerId: producerId + 100_000, epoch }, topic),
        await end(kafka, uniqueName('txn'), { producerId, epoch }, true),
      ]
    },
    ['INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
  ),
  check(
    'an unknown topic cannot be part of it',
    async (kafka) => {
      const id = uniqueName('txn')
      return add(kafka, id, await initProducer(kafka, id), 'conformance-nowhere')
    },
    'UNKNOWN_TOPIC_OR_PARTITION',
  ),
  check(
    'records outside of a transaction are refused',
    async (kafka) => {
      const [id, topic] = [uniqueName('txn'), await kafka.topic()]
      const producer = ids(await initProducer(kafka, id))
      const options = { ...producer, sequence: 0, transactional: true, transactionalId: id }
      return brief(await produce(kafka, topic, ['a'], { ...options, version: 10 }))
    },
    ['INVALID_TXN_STATE', -1],
  ),
  check(
    'a transaction that takes too long is aborted',
    async (kafka) => {
      const { topic } = await begun(kafka, { timeout: 10_000 })
      const { aborted } = await stable(kafka, topic, 2)
      return aborted?.length
    },
    1,
  ),
  check(
    'offsets of a transaction count from its end on',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const group = uniqueName('group')
      const held = await holdOffset(kafka, transactionalId, producer, group, topic, 9)
      const before = await committed(kafka, group, topic)
      const unstable = await committed(kafka, group, topic, { requireStable: true })
      await end(kafka, transactionalId, producer, true)
      const after = await until(async () => {
        const answer = await committed(kafka, group, topic, { requireStable: true })
        return answer !== 'UNSTABLE_OFFSET_COMMIT' && answer
      })
      return [held, before, unstable, after]
    },
    [['NONE', 'NONE'], [-1, ''], 'UNSTABLE_OFFSET_COMMIT', [9, '']],
  ),
  check(
    'offsets of an aborted transaction do not count',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const group = uniqueName('group')
      await commit(kafka, group, { topic, offset: 4 })
      await holdOffset(kafka, transactionalId, producer, group, topic, 9)
      await end(kafka, transactionalId, producer, false)
      return until(async () => {
        const answer = await committed(kafka, group, topic, { requireStable: true })
        return answer !== 'UNSTABLE_OFFSET_COMMIT' && answer
      })
    },
    [4, ''],
  ),
  check(
    'two transactions: readers wait for the earlier one',
    async (kafka) => {
      const { topic, transactionalId, producer } = await begun(kafka)
      const other = uniqueName('txn')
      const second = await initProducer(kafka, other)
      await add(kafka, other, second, topic)
      await produce(kafka, topic, ['b'], { ...ids(second), sequence: 0, transactional: true, transactionalId: other })
      await end(kafka, other, second, true)
      await until(async () => (await fetch(kafka, topic)).high === 3)
      const waiting = await fetch(kafka, topic, { isolation: COMMITTED })
      await end(kafka, transactionalId, producer, true)
      return [waiting.stable, waiting.values, (await stable(kafka, topic, 4)).values]
    },
    [0, [], ['a', 'b']],
  ),
]
