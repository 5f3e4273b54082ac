// What a transactional producer asks.

import { failed, fetch, initProducer, only, produce } from '../asking.ts'
import { type Broker, settled, uniqueName, until } from '../broker.ts'
import { TxnOffsetCommit } from '../../protocol/committed-offsets.ts'
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn } from '../../protocol/transactions.ts'

export const COMMITTED = 1
export const LATEST = -1

type Producer = { producerId: number; epoch: number }
export const ids = ({ producerId, epoch }: Producer) => ({ producerId, epoch })
export const brief = ({ error, baseOffset }: { error: string; baseOffset: number }) => [error, baseOffset]

export async function add(kafka: Broker, transactionalId: string, producer: Producer, topic: string, index = 0) {
  const to = await kafka.coordinator(transactionalId, 1)
  const topics = [{ name: topic, partitions: [index] }]
  const answer = await settled(async () => {
    const { topics: answered } = await to.ask(AddPartitionsToTxn, { transactionalId, ...ids(producer), topics })
    return only(only(answered).partitions)
  }, 'CONCURRENT_TRANSACTIONS')
  return failed(answer)
}
export async function end(kafka: Broker, transactionalId: string, producer: Producer, isCommit: boolean) {
  const to = await kafka.coordinator(transactionalId, 1)
  const ask = () => to.ask(EndTxn, { transactionalId, ...ids(producer), committed: isCommit })
  return failed(await settled(ask, 'CONCURRENT_TRANSACTIONS'))
}
export async function holdOffset(
  kafka: Broker,
  transactionalId: string,
  producer: Producer,
  group: string,
  topic: string,
  offset: number,
) {
  const to = await kafka.coordinator(transactionalId, 1)
  const asked = { transactionalId, ...ids(producer), group }
  const added = await settled(() => to.ask(AddOffsetsToTxn, asked), 'CONCURRENT_TRANSACTIONS')
  const topics = [{ name: topic, partitions: [{ index: 0, offset, metadata: '' }] }]
  const coordinator = await kafka.coordinator(group)
  const answer = await settled(
    async () => {
      const { topics: answered } = await coordinator.ask(TxnOffsetCommit, {
        ...asked,
        generation: -1,
        member: '',
        topics,
      })
      return only(only(answered).partitions)
    },
    'COORDINATOR_LOAD_IN_PROGRESS',
    'NOT_COORDINATOR',
    'CONCURRENT_TRANSACTIONS',
  )
  return [failed(added), failed(answer)]
}
/** A transaction that has begun, with one record. */
export async function begun(kafka: Broker, options: { timeout?: number } = {}) {
  const transactionalId = uniqueName('txn')
  const topic = await kafka.topic()
  const producer = await initProducer(kafka, transactionalId, options)
  await add(kafka, transactionalId, producer, topic)
  const written = await produce(kafka, topic, ['a'], {
    ...ids(producer),
    sequence: 0,
    transactional: true,
    transactionalId,
  })
  return { transactionalId, topic, producer, written }
}
/** What readers of committed records get, once the end of the log is stable. */
export const stable = (kafka: Broker, topic: string, end: number) =>
  until(async () => {
    const answer = await fetch(kafka, topic, { isolation: COMMITTED })
    return answer.stable === end && answer
  })
