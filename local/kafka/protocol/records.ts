import { throttle, unknown } from './common.ts'
import {
  api,
  array,
  int16,
  int32,
  int64,
  int8,
  list,
  nullableList,
  nullableString,
  records,
  string,
  uuid,
} from './types.ts'

export const Produce = api(
  0,
  [3, 11],
  9,
  {
    transactionalId: nullableString,
    acks: int16,
    timeout: int32,
    topics: list({ name: string, partitions: list({ index: int32, records }) }),
  },
  {
    topics: list({
      name: string,
      partitions: list({
        index: int32,
        error: int16,
        baseOffset: int64.or(-1),
        logAppendTime: int64.or(-1),
        logStartOffset: int64.or(-1).since(5),
        recordErrors: list({ index: int32, message: nullableString }).since(8),
        message: nullableString.since(8),
      }),
    }),
    throttle,
  },
)

export const Fetch = api(
  1,
  [4, 17],
  12,
  {
    replicaId: unknown.until(14),
    maxWait: int32,
    minBytes: int32,
    maxBytes: int32,
    isolation: int8,
    sessionId: int32.since(7),
    sessionEpoch: unknown.since(7),
    topics: list({
      name: string.until(12),
      id: uuid.since(13),
      partitions: list({
        index: int32,
        leaderEpoch: unknown.since(9),
        offset: int64,
        lastFetchedEpoch: unknown.since(12),
        logStartOffset: int64.since(5),
        maxBytes: int32,
      }),
    }),
    forgotten: list({ name: string.until(12), id: uuid.since(13), partitions: array(int32) }).since(7),
    rack: string.since(11),
  },
  {
    throttle,
    error: int16.since(7),
    sessionId: int32.since(7),
    topics: list({
      name: string.until(12),
      id: uuid.since(13),
      partitions: list({
        index: int32,
        error: int16,
        highWatermark: int64.or(-1),
        lastStableOffset: int64.or(-1),
        logStartOffset: int64.or(-1).since(5),
        aborted: nullableList({ producerId: int64, firstOffset: int64 }),
        preferredReplica: unknown.since(11),
        records,
      }),
    }),
  },
)

export const ListOffsets = api(
  2,
  [1, 11],
  6,
  {
    replicaId: int32,
    isolation: int8.since(2),
    topics: list({ name: string, partitions: list({ index: int32, leaderEpoch: unknown.since(4), timestamp: int64 }) }),
    timeout: int32.since(10),
  },
  {
    throttle: throttle.since(2),
    topics: list({
      name: string,
      partitions: list({
        index: int32,
        error: int16,
        timestamp: int64.or(-1),
        offset: int64.or(-1),
        leaderEpoch: unknown.since(4),
      }),
    }),
  },
)

export const OffsetForLeaderEpoch = api(
  23,
  [2, 4],
  4,
  {
    replicaId: unknown.since(3),
    topics: list({ name: string, partitions: list({ index: int32, currentEpoch: int32, epoch: int32 }) }),
  },
  {
    throttle,
    topics: list({
      name: string,
      partitions: list({ error: int16, index: int32, epoch: unknown, endOffset: int64.or(-1) }),
    }),
  },
)

export const DeleteRecords = api(
  21,
  [0, 2],
  2,
  {
    topics: list({ name: string, partitions: list({ index: int32, offset: int64 }) }),
    timeout: int32,
  },
  {
    throttle,
    topics: list({ name: string, partitions: list({ index: int32, lowWatermark: int64.or(-1), error: int16 }) }),
  },
)
