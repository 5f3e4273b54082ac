import { operations, throttle, unknown } from './common.ts'
import { api, array, bool, bytes, int16, int32, int8, list, nullableString, string } from './types.ts'

export const FindCoordinator = api(
  10,
  [0, 6],
  3,
  {
    key: string.until(3),
    type: int8.since(1),
    keys: array(string).since(4),
  },
  {
    throttle: throttle.since(1),
    error: int16.until(3),
    message: nullableString.since(1).until(3),
    node: unknown.until(3),
    host: string.until(3),
    port: unknown.until(3),
    coordinators: list({
      key: string,
      node: unknown,
      host: string,
      port: unknown,
      error: int16,
      message: nullableString,
    }).since(4),
  },
)

export const JoinGroup = api(
  11,
  [0, 9],
  6,
  {
    group: string,
    sessionTimeout: int32,
    rebalanceTimeout: unknown.since(1),
    member: string,
    instance: nullableString.since(5),
    protocolType: string,
    protocols: list({ name: string, metadata: bytes }),
    reason: nullableString.since(8),
  },
  {
    throttle: throttle.since(2),
    error: int16,
    generation: unknown,
    protocolType: nullableString.since(7),
    protocol: nullableString.or(''),
    leader: string,
    skipAssignment: bool.since(9),
    member: string,
    members: list({ id: string, instance: nullableString.since(5), metadata: bytes }),
  },
)

export const SyncGroup = api(
  14,
  [0, 5],
  4,
  {
    group: string,
    generation: int32,
    member: string,
    instance: nullableString.since(3),
    protocolType: nullableString.since(5),
    protocol: nullableString.since(5),
    assignments: list({ member: string, assignment: bytes }),
  },
  {
    throttle: throttle.since(1),
    error: int16,
    protocolType: nullableString.since(5),
    protocol: nullableString.since(5),
    assignment: bytes,
  },
)

export const Heartbeat = api(
  12,
  [0, 4],
  4,
  {
    group: string,
    generation: int32,
    member: string,
    instance: nullableString.since(3),
  },
  { throttle: throttle.since(1), error: int16 },
)

export const LeaveGroup = api(
  13,
  [0, 5],
  4,
  {
    group: string,
    member: string.until(2),
    members: list({ id: string, instance: nullableString.since(3), reason: nullableString.since(5) }).since(3),
  },
  {
    throttle: throttle.since(1),
    error: int16,
    members: list({ id: string, instance: nullableString, error: int16 }).since(3),
  },
)

export const ListGroups = api(
  16,
  [0, 5],
  3,
  {
    states: array(string).since(4),
    types: array(string).since(5),
  },
  {
    throttle: throttle.since(1),
    error: int16,
    groups: list({ group: string, protocolType: string, state: string.since(4), type: string.since(5) }),
  },
)

export const DescribeGroups = api(
  15,
  [0, 6],
  5,
  {
    groups: array(string),
    groupOperations: bool.since(3),
  },
  {
    throttle: throttle.since(1),
    groups: list({
      error: int16,
      message: nullableString.since(6),
      group: string,
      state: string,
      protocolType: string,
      protocol: string,
      members: list({
        id: string,
        instance: nullableString.since(4),
        clientId: string,
        clientHost: string,
        metadata: bytes,
        assignment: bytes,
      }),
      operations: operations.since(3),
    }),
  },
)

export const DeleteGroups = api(
  42,
  [0, 2],
  2,
  { groups: array(string) },
  {
    throttle,
    groups: list({ group: string, error: int16 }),
  },
)
