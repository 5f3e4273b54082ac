import type { Cluster } from '../cluster.ts'
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn, InitProducerId } from '../protocol/transactions.ts'
import { checkCoordinator, eachPartition, endpoint } from './endpoint.ts'

export const transactionRequests = (cluster: Cluster) => [
  endpoint(InitProducerId, ({ transactionalId, timeout, ...held }, { node }) => {
    if (transactionalId !== null) checkCoordinator(cluster, transactionalId, node)
    return cluster.transactions.init(transactionalId, timeout, held)
  }),

  endpoint(AddPartitionsToTxn, ({ transactionalId, topics, ...producer }, { node }) => ({
    topics: eachPartition(topics, (name, index) => {
      checkCoordinator(cluster, transactionalId, node)
      cluster.transactions.add(transactionalId, producer, [cluster.partition(name, index).log])
      return {}
    }),
  })),

  endpoint(AddOffsetsToTxn, ({ transactionalId, ...producer }, { node }) => {
    checkCoordinator(cluster, transactionalId, node)
    cluster.transactions.add(transactionalId, producer, [])
    return {}
  }),

  endpoint(EndTxn, ({ transactionalId, committed, ...producer }, { node }) => {
    checkCoordinator(cluster, transactionalId, node)
    cluster.transactions.end(transactionalId, producer, committed)
    return {}
  }),
]
