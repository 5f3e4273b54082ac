// Topics in portions of a bounded number of partitions (KIP-966).

import { operations, throttle, unknown } from './common.ts'
import {
  api,
  array,
  bool,
  int16,
  int32,
  list,
  nullableArray,
  nullableString,
  nullableStruct,
  string,
  uuid,
} from './types.ts'

const cursor = nullableStruct({ topic: string, index: int32 })

export const DescribeTopicPartitions = api(
  75,
  [0, 0],
  0,
  { topics: list({ name: string }), limit: int32.or(2_000), cursor },
  {
    throttle,
    topics: list({
      error: int16,
      name: nullableString,
      id: uuid,
      internal: bool,
      partitions: list({
        error: int16,
        index: int32,
        leader: int32,
        leaderEpoch: unknown,
        replicas: array(int32),
        isr: array(int32),
        eligible: nullableArray(int32),
        lastEligible: nullableArray(int32),
        offline: array(int32),
      }),
      operations,
    }),
    next: cursor,
  },
)
