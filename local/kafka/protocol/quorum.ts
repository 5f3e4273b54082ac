// The quorum of controllers, which keeps what the cluster knows (KIP-595, KIP-836, KIP-853).

import { api, int16, int32, int64, list, nullableString, string, uint16, uuid } from './types.ts'

const replicas = list({
  id: int32,
  directory: uuid.since(2),
  end: int64,
  lastFetch: int64.or(-1).since(1), // ms
  lastCaughtUp: int64.or(-1).since(1), // ms
})

export const DescribeQuorum = api(
  55,
  [0, 2],
  0,
  { topics: list({ name: string, partitions: list({ index: int32 }) }) },
  {
    error: int16,
    message: nullableString.since(2),
    topics: list({
      name: string,
      partitions: list({
        index: int32,
        error: int16,
        message: nullableString.since(2),
        leader: int32,
        leaderEpoch: int32,
        highWatermark: int64,
        voters: replicas,
        observers: replicas,
      }),
    }),
    nodes: list({ id: int32, listeners: list({ name: string, host: string, port: uint16 }) }).since(2),
  },
)
