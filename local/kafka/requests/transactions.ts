import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn, InitProducerId } from '../protocol/transactions.ts'
import { checkCoordinator, eachPartition, endpoint } from './endpoint.ts'

const { code: INVALID_EPOCH } = new KafkaError('INVALID_PRODUCER_EPOCH')
const FENCED_SINCE = 2 // these versions tell a fenced producer from one whose records come late (KIP-588)

/** What `work` throws of an old epoch, in the words of the version that asked. */
function fencing<T>(version: number, work: () => T) {
  try {
    return work()
  } catch (error) {
    if (version >= FENCED_SINCE && error instanceof KafkaError && error.code === INVALID_EPOCH) fail('PRODUCER_FENCED')
    throw error
  }
}

export const transactionRequests = (cluster: Cluster) => [
  endpoint(InitProducerId, ({ transactionalId, timeout, ...held }, { node }) => {
    if (transactionalId === '') fail('INVALID_REQUEST')
    if (transactionalId !== null) checkCoordinator(cluster, transactionalId, node)
    return cluster.transactions.init(transactionalId, timeout, held)
  }),

  endpoint(AddPartitionsToTxn, ({ transactionalId, topics, ...producer }, { node, version }) => ({
    topics: eachPartition(topics, (name, index) => {
      checkCoordinator(cluster, transactionalId, node)
      const { log } = cluster.partition(name, index)
      fencing(version, () => cluster.transactions.add(transactionalId, producer, [log]))
      return {}
    }),
  })),

  endpoint(AddOffsetsToTxn, ({ transactionalId, ...producer }, { node, version }) => {
    checkCoordinator(cluster, transactionalId, node)
    fencing(version, () => cluster.transactions.add(transactionalId, producer, []))
    return {}
  }),

  endpoint(EndTxn, ({ transactionalId, committed, ...producer }, { node, version }) => {
    checkCoordinator(cluster, transactionalId, node)
    fencing(version, () => cluster.transactions.end(transactionalId, producer, committed))
    return {}
  }),
]
