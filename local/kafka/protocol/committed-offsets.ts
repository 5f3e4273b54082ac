import { partitionErrors, throttle, topicPartition, unknown } from './common.ts'
import { api, bool, int16, int32, int64, list, nullableArray, nullableString, string } from './types.ts'

export const OffsetCommit = api(
  8,
  [2, 9],
  8,
  {
    group: string,
    generation: int32,
    member: string,
    instance: nullableString.since(7),
    retention: int64.until(4),
    topics: list({
      name: string,
      partitions: list({ index: int32, offset: int64, leaderEpoch: unknown.since(6), metadata: nullableString }),
    }),
  },
  { throttle: throttle.since(3), topics: partitionErrors },
)

export const TxnOffsetCommit = api(
  28,
  [0, 3],
  3,
  {
    transactionalId: string,
    group: string,
    producerId: int64,
    epoch: int16,
    generation: unknown.since(3),
    member: string.since(3),
    instance: nullableString.since(3),
    topics: list({
      name: string,
      partitions: list({ index: int32, offset: int64, leaderEpoch: unknown.since(2), metadata: nullableString }),
    }),
  },
  { throttle, topics: partitionErrors },
)

const fetchedOffsets = (epochSince: number) =>
  list({
    name: string,
    partitions: list({
      index: int32,
      offset: int64.or(-1),
      leaderEpoch: unknown.since(epochSince),
      metadata: nullableString.or(''),
      error: int16,
    }),
  })

export const OffsetFetch = api(
  9,
  [1, 9],
  6,
  {
    group: string.until(7),
    topics: nullableArray(topicPartition).until(7),
    groups: list({
      group: string,
      member: nullableString.since(9),
      memberEpoch: unknown.since(9),
      topics: nullableArray(topicPartition),
    }).since(8),
    requireStable: bool.since(7),
  },
  {
    throttle: throttle.since(3),
    topics: fetchedOffsets(5).until(7),
    error: int16.since(2).until(7),
    groups: list({ group: string, topics: fetchedOffsets(8), error: int16 }).since(8),
  },
)

export const OffsetDelete = api(
  47,
  [0, 0],
  Infinity,
  {
    group: string,
    topics: list({ name: string, partitions: list({ index: int32 }) }),
  },
  { error: int16, throttle, topics: partitionErrors },
)
