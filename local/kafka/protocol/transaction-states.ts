// How an operator finds a transaction that hangs (KIP-664, KIP-994, KIP-1152).

import { throttle, topicPartition, unknown } from './common.ts'
import { api, array, int16, int32, int64, list, nullableString, string } from './types.ts'

export const DescribeProducers = api(
  61,
  [0, 0],
  0,
  { topics: array(topicPartition) },
  {
    throttle,
    topics: list({
      name: string,
      partitions: list({
        index: int32,
        error: int16,
        message: nullableString,
        producers: list({
          producerId: int64,
          epoch: int32,
          lastSequence: int32.or(-1),
          lastTimestamp: int64.or(-1),
          coordinatorEpoch: unknown,
          transactionStart: int64.or(-1), // offset
        }),
      }),
    }),
  },
)

export const DescribeTransactions = api(
  65,
  [0, 0],
  0,
  { ids: array(string) },
  {
    throttle,
    transactions: list({
      error: int16,
      id: string,
      state: string,
      timeout: int32, // ms
      startedAt: int64, // ms
      producerId: int64,
      epoch: int16,
      topics: array(topicPartition),
    }),
  },
)

export const ListTransactions = api(
  66,
  [0, 2],
  0,
  {
    states: array(string),
    producerIds: array(int64),
    duration: int64.or(-1).since(1), // ms
    pattern: nullableString.since(2),
  },
  {
    throttle,
    error: int16,
    unknownStates: array(string),
    transactions: list({ id: string, producerId: int64, state: string }),
  },
)
