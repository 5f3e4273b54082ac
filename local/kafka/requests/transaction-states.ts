// Which transactions there are, and which of them a partition waits for (KIP-664).

import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { matcher } from '../pattern.ts'
import { DescribeProducers, DescribeTransactions, ListTransactions } from '../protocol/transaction-states.ts'
import { checkTopicName } from '../topic-rules.ts'
import {
  attempt,
  checkCoordinator,
  distinct,
  distinctPartitions,
  eachPartition,
  endpoint,
  ledPartition,
} from './endpoint.ts'

const STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'PrepareEpochFence',
  'Dead',
]

export const transactionStateRequests = (cluster: Cluster) => [
  endpoint(ListTransactions, ({ states, producerIds, duration, pattern }, { node }) => {
    const matches = pattern ? matcher(pattern, 'TransactionalIdPattern') : () => true
    const now = Date.now()
    return {
      unknownStates: states.filter((state) => !STATES.includes(state)),
      transactions: [...cluster.transactions.all()].filter(
        ({ id, producerId, state, startedAt }) =>
          cluster.coordination(id).leader === node.id &&
          (!states.length || states.includes(state)) &&
          (!producerIds.length || producerIds.includes(producerId)) &&
          (duration < 0 || now - startedAt > duration) &&
          matches(id),
      ),
    }
  }),

  endpoint(DescribeTransactions, ({ ids }, { node }) => ({
    transactions: distinct(ids, (id) => id).map((id) => ({
      id,
      ...attempt(() => {
        if (!id) fail('INVALID_REQUEST')
        checkCoordinator(cluster, id, node)
        const { partitions, ...transaction } = cluster.transactions.find(id) ?? fail('TRANSACTIONAL_ID_NOT_FOUND')
        const topics = Map.groupBy(partitions, ({ topic }) => topic)
        return {
          ...transaction,
          topics: [...topics].map(([name, logs]) => ({
            name,
            partitions: logs.map(({ index }) => index).toSorted((a, b) => a - b),
          })),
        }
      }),
    })),
  })),

  endpoint(DescribeProducers, ({ topics }, { node }) => ({
    topics: eachPartition(distinctPartitions(topics), (name, index) => {
      checkTopicName(name)
      if (!cluster.topics.has(name))
        fail('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
      const { producers, open } = ledPartition(cluster, name, index, node).log.producerState
      return {
        producers: [...producers].map(([producerId, { epoch, sent, at }]) => ({
          producerId,
          epoch,
          lastSequence: sent.at(-1)?.last,
          lastTimestamp: at,
          transactionStart: open.get(producerId),
        })),
      }
    }),
  })),
]
