// The new protocol of consumer groups (KIP-848).

import { operations, throttle, unknown } from './common.ts'
import {
  api,
  array,
  bool,
  int16,
  int32,
  int8,
  list,
  nullableArray,
  nullableList,
  nullableString,
  nullableStruct,
  string,
  struct,
  uuid,
} from './types.ts'

const partitionsById = { id: uuid, partitions: array(int32) }

export const ConsumerGroupHeartbeat = api(
  68,
  [0, 1],
  0,
  {
    group: string,
    member: string,
    epoch: int32, // 0 joins, -1 leaves, -2 leaves for now
    instance: nullableString,
    rack: nullableString,
    rebalanceTimeout: unknown,
    topics: nullableArray(string),
    regex: nullableString.since(1),
    assignor: nullableString,
    owned: nullableList(partitionsById),
  },
  {
    throttle,
    error: int16,
    message: nullableString,
    member: nullableString,
    epoch: int32,
    interval: int32,
    assignment: nullableStruct({ topics: list(partitionsById) }),
  },
)

const assignment = struct({ topics: list({ id: uuid, name: string, partitions: array(int32) }) })

export const ConsumerGroupDescribe = api(
  69,
  [0, 1],
  0,
  { groups: array(string), groupOperations: bool },
  {
    throttle,
    groups: list({
      error: int16,
      message: nullableString,
      group: string,
      state: string,
      epoch: int32,
      assignmentEpoch: int32,
      assignor: string,
      members: list({
        id: string,
        instance: nullableString,
        rack: nullableString,
        epoch: int32,
        clientId: string,
        clientHost: string,
        topics: array(string),
        regex: nullableString,
        assignment,
        target: assignment,
        type: int8.or(-1).since(1), // 1: it speaks this protocol
      }),
      operations,
    }),
  },
)
