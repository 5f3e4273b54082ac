// For tests: requests about one partition as plain data, in versions that tell of leader epochs. KafkaJS hides what
// they answer.

import { openConnection, recordBatch } from './fixtures.ts'
import {
  array,
  bool,
  bytes,
  int16,
  int32,
  int64,
  int8,
  list,
  nullableList,
  nullableString,
  records,
  string,
  struct,
  type Type,
} from './protocol/types.ts'

const partitionsOf = <F extends Record<string, Type<unknown>>>(fields: F) =>
  list({ topic: string, partitions: list(fields) })

const Produce = struct({
  transactionalId: nullableString,
  acks: int16,
  timeout: int32,
  topics: partitionsOf({ index: int32, records }),
})
const Produced = struct({
  topics: partitionsOf({ index: int32, error: int16, baseOffset: int64, logAppendTime: int64, logStartOffset: int64 }),
})
const Fetch = struct({
  replicaId: int32,
  maxWait: int32,
  minBytes: int32,
  maxBytes: int32,
  isolation: int8,
  sessionId: int32,
  sessionEpoch: int32,
  topics: partitionsOf({ index: int32, leaderEpoch: int32, offset: int64, logStartOffset: int64, maxBytes: int32 }),
  forgotten: array(int32),
  rack: string,
})
const Fetched = struct({
  throttle: int32,
  error: int16,
  session: int32,
  topics: partitionsOf({
    index: int32,
    error: int16,
    highWatermark: int64,
    lastStableOffset: int64,
    logStartOffset: int64,
    aborted: nullableList({ producerId: int64, firstOffset: int64 }),
    preferredReplica: int32,
    records,
  }),
})
const ListOffsets = struct({
  replicaId: int32,
  isolation: int8,
  topics: partitionsOf({ index: int32, leaderEpoch: int32, timestamp: int64 }),
})
const ListedOffsets = struct({
  throttle: int32,
  topics: partitionsOf({ index: int32, error: int16, timestamp: int64, offset: int64, leaderEpoch: int32 }),
})
const EpochEnd = struct({ replicaId: int32, topics: partitionsOf({ index: int32, currentEpoch: int32, epoch: int32 }) })
const EpochEnded = struct({
  throttle: int32,
  topics: partitionsOf({ error: int16, index: int32, epoch: int32, endOffset: int64 }),
})
const Metadata = struct({ topics: array(string), autoCreate: bool, clusterOperations: bool, topicOperations: bool })
const Described = struct({
  throttle: int32,
  brokers: list({ id: int32, host: string, port: int32, rack: nullableString }),
  clusterId: nullableString,
  controllerId: int32,
  topics: list({
    error: int16,
    name: string,
    internal: int8,
    partitions: list({
      error: int16,
      index: int32,
      leader: int32,
      leaderEpoch: int32,
      replicas: array(int32),
      isr: array(int32),
      offline: array(int32),
    }),
    operations: int32,
  }),
})
const FindCoordinator = struct({ key: string, type: int8 })
const Coordinator = struct({
  throttle: int32,
  error: int16,
  message: nullableString,
  node: int32,
  host: string,
  port: int32,
})
const JoinGroup = struct({
  group: string,
  sessionTimeout: int32,
  rebalanceTimeout: int32,
  member: string,
  protocolType: string,
  protocols: list({ name: string, metadata: bytes }),
})
const Joined = struct({
  throttle: int32,
  error: int16,
  generation: int32,
  protocol: string,
  leader: string,
  member: string,
})
const InitProducerId = struct({ transactionalId: nullableString, timeout: int32 })
const Initialized = struct({ throttle: int32, error: int16, producerId: int64, epoch: int16 })

/**
 * One connection to one broker. Each call resolves with what is answered for the one partition or group that it names.
 */
export async function openRaw(broker: string) {
  const ask = await openConnection([broker])
  const call = async <Q, R>(
    key: number,
    version: number,
    request: Type<unknown, Q>,
    asked: Q,
    response: Type<R, never>,
  ) => response.read(await ask({ key, version, flexible: false, write: (writer) => request.write(writer, asked) }))
  const only = <T>([one]: T[]) => {
    if (one === undefined) throw new Error('an answer about nothing')
    return one
  }
  const onlyPartition = <P>(answer: { topics: { partitions: P[] }[] }) => only(only(answer.topics).partitions)
  const about = <P>(topic: string, partition: P) => [{ topic, partitions: [partition] }]

  return {
    async produce(topic: string, index: number, { acks = -1, timeout = 5_000, batch = recordBatch() } = {}) {
      const topics = about(topic, { index, records: [batch] })
      return onlyPartition(await call(0, 7, Produce, { transactionalId: null, acks, timeout, topics }, Produced))
    },
    async fetch(topic: string, index: number, { offset = 0, leaderEpoch = -1, maxWait = 0 } = {}) {
      const topics = about(topic, { index, leaderEpoch, offset, logStartOffset: -1, maxBytes: 1_000_000 })
      const bounds = { replicaId: -1, maxWait, minBytes: 1, maxBytes: 1_000_000, isolation: 0 }
      const asked = { ...bounds, sessionId: 0, sessionEpoch: -1, topics, forgotten: [], rack: '' }
      return onlyPartition(await call(1, 11, Fetch, asked, Fetched))
    },
    async listOffsets(topic: string, index: number, { timestamp = -1, leaderEpoch = -1 } = {}) {
      const topics = about(topic, { index, leaderEpoch, timestamp })
      return onlyPartition(await call(2, 4, ListOffsets, { replicaId: -1, isolation: 0, topics }, ListedOffsets))
    },
    async endOfEpoch(topic: string, index: number, epoch: number, currentEpoch = -1) {
      const topics = about(topic, { index, currentEpoch, epoch })
      return onlyPartition(await call(23, 3, EpochEnd, { replicaId: -1, topics }, EpochEnded))
    },
    /** Makes the topic where there is none. */
    async metadata(topic: string) {
      const asked = { topics: [topic], autoCreate: true, clusterOperations: false, topicOperations: false }
      const { topics, ...cluster } = await call(3, 8, Metadata, asked, Described)
      return { ...cluster, ...only(topics) }
    },
    /** Makes a new member, and waits for the others. */
    join: (group: string) => {
      const member = { sessionTimeout: 30_000, rebalanceTimeout: 60_000, member: '', protocolType: 'consumer' }
      return call(
        11,
        2,
        JoinGroup,
        { group, ...member, protocols: [{ name: 'range', metadata: Buffer.alloc(0) }] },
        Joined,
      )
    },
    initProducer: (transactionalId: string | null, timeout = 60_000) =>
      call(22, 0, InitProducerId, { transactionalId, timeout }, Initialized),
    /** `type` 0 is a group, 1 a transactional id. */
    coordinator: (key: string, type = 0) => call(10, 2, FindCoordinator, { key, type }, Coordinator),
  }
}
