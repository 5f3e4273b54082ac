// Who leads and who holds a partition, as an operator changes it (KIP-460, KIP-455).

import { throttle, topicPartition } from './common.ts'
import { api, array, bool, int16, int32, int8, list, nullableArray, nullableString, string } from './types.ts'

export const ElectLeaders = api(
  43,
  [0, 2],
  2,
  { type: int8.since(1), topics: nullableArray(topicPartition), timeout: int32 },
  {
    throttle,
    error: int16.since(1),
    results: list({
      topic: string,
      partitions: list({ index: int32, error: int16, message: nullableString }),
    }),
  },
)

export const AlterPartitionReassignments = api(
  45,
  [0, 1],
  0,
  {
    timeout: int32,
    mayResize: bool.or(true).since(1), // the number of replicas
    topics: list({ name: string, partitions: list({ index: int32, replicas: nullableArray(int32) }) }),
  },
  {
    throttle,
    mayResize: bool.or(true).since(1),
    error: int16,
    message: nullableString,
    topics: list({ name: string, partitions: list({ index: int32, error: int16, message: nullableString }) }),
  },
)

export const ListPartitionReassignments = api(
  46,
  [0, 0],
  0,
  { timeout: int32, topics: nullableArray(topicPartition) },
  {
    throttle,
    error: int16,
    message: nullableString,
    topics: list({
      name: string,
      partitions: list({ index: int32, replicas: array(int32), adding: array(int32), removing: array(int32) }),
    }),
  },
)
