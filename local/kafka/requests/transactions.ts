import type { Cluster } from '../cluster.ts'
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn, InitProducerId } from '../protocol/transactions.ts'
import { eachPartition, endpoint } from './endpoint.ts'

export const transactionRequests = (cluster: Cluster) => [
  endpoint(InitProducerId, ({ transactionalId, timeout }) => cluster.transactions.init(transactionalId, timeout)),

  endpoint(AddPartitionsToTxn, ({ transactionalId, topics, ...producer }) => ({
    topics: eachPartition(topics, (name, index) => {
      cluster.transactions.add(transactionalId, producer, [cluster.partition(name, index)])
      return {}
    }),
  })),

  endpoint(AddOffsetsToTxn, ({ transactionalId, ...producer }) => {
    cluster.transactions.add(transactionalId, producer, [])
    return {}
  }),

  endpoint(EndTxn, async ({ transactionalId, committed, ...producer }) => {
    const offsets = cluster.transactions.end(transactionalId, producer, committed)
    for (const { group, topic, index, offset } of offsets) cluster.group(group).store(topic, index, offset)
    if (offsets.length) await cluster.saveOffsets()
    return {}
  }),
]
