import { operations, throttle, topicPartition } from './common.ts'
import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  int8,
  list,
  nullableArray,
  nullableList,
  nullableString,
  string,
  struct,
  uuid,
} from './types.ts'

export const ApiVersions = api(
  18,
  [0, 4],
  3,
  { client: string.since(3), clientVersion: string.since(3) },
  {
    error: int16,
    apis: list({ key: int16, min: int16, max: int16 }),
    throttle: throttle.since(1),
    supported: list({ name: string, min: int16, max: int16 }).since(3).tagged(0),
    finalizedEpoch: int64.or(-1).since(3).tagged(1),
    finalized: list({ name: string, max: int16, min: int16 }).since(3).tagged(2),
  },
)

export const DescribeCluster = api(
  60,
  [0, 2],
  0,
  { clusterOperations: bool, endpointType: int8.or(1).since(1), fenced: bool.since(2) },
  {
    throttle,
    error: int16,
    message: nullableString,
    endpointType: int8.or(1).since(1),
    clusterId: string,
    controllerId: int32.or(-1),
    brokers: list({ id: int32, host: string, port: int32, rack: nullableString, fenced: bool.since(2) }),
    operations,
  },
)

const metadataResponse = {
  throttle: throttle.since(3),
  brokers: list({ id: int32, host: string, port: int32, rack: nullableString.since(1) }),
  clusterId: nullableString.since(2),
  controllerId: int32.since(1),
  topics: list({
    error: int16,
    name: nullableString,
    id: uuid.since(10),
    internal: bool.since(1),
    partitions: list({
      error: int16,
      index: int32,
      leader: int32,
      leaderEpoch: int32.since(7),
      replicas: array(int32),
      isr: array(int32),
      offline: array(int32).since(5),
    }),
    operations: operations.since(8),
  }),
  clusterOperations: operations.since(8).until(10),
}

/** For those who read what a broker answers: up to version 8. */
export const MetadataResponse = struct(metadataResponse)

export const Metadata = api(
  3,
  [0, 12],
  9,
  {
    topics: nullableList({ id: uuid.since(10), name: nullableString }),
    autoCreate: bool.or(true).since(4),
    clusterOperations: bool.since(8).until(10),
    topicOperations: bool.since(8),
  },
  metadataResponse,
)

export const DescribeLogDirs = api(
  35,
  [1, 4],
  2,
  { topics: nullableArray(topicPartition) },
  {
    throttle,
    error: int16.since(3),
    results: list({
      error: int16,
      dir: string,
      topics: list({ name: string, partitions: list({ index: int32, size: int64, lag: int64, future: bool }) }),
      totalBytes: int64.or(-1).since(4),
      usableBytes: int64.or(-1).since(4),
    }),
  },
)
