// Requests that many cases make, and what of the answers is compared.

import { batchesOf, batchOf, type BatchOptions, type Sent, valuesOf } from './batches.ts'
import { type Broker, settled } from './broker.ts'
import type { Connection } from './connection.ts'
import { errorName } from './error-names.ts'
import { OffsetCommit, OffsetFetch } from '../protocol/committed-offsets.ts'
import { Fetch, ListOffsets, Produce } from '../protocol/records.ts'
import { InitProducerId } from '../protocol/transactions.ts'

/** The only one that there must be. */
export function only<T>(all: T[]): T {
  const [one] = all
  if (one === undefined || all.length > 1) throw new Error(`${all.length} where one was to be`)
  return one
}
/** Any order that is the same each time. */
export const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
const partitionOf = <P>(topics: { partitions: P[] }[]) => only(only(topics).partitions)
export const failed = ({ error }: { error: number }) => errorName(error)
/** An error with the words that clients show. */
export const said = ({ error, message }: { error: number; message: string | null }) => [errorName(error), message]

type ToPartition = { index?: number; to?: Connection; version?: number }
type Producing = ToPartition & BatchOptions & { acks?: number; transactionalId?: string | null; timeout?: number }

export async function produceBatch(kafka: Broker, topic: string, batch: Buffer[] | null, options: Producing = {}) {
  const { acks = -1, index = 0, transactionalId = null, timeout = 30_000, version } = options
  const to = options.to ?? (await kafka.leader(topic, index))
  const topics = [{ name: topic, partitions: [{ index, records: batch }] }]
  const answer = partitionOf((await to.ask(Produce, { transactionalId, acks, timeout, topics }, version)).topics)
  return { ...answer, error: errorName(answer.error) }
}
export const produce = (kafka: Broker, topic: string, records: (string | Sent)[], options: Producing = {}) =>
  produceBatch(kafka, topic, [batchOf(records, options)], options)

type Fetching = ToPartition & {
  offset?: number
  maxWait?: number
  minBytes?: number
  maxBytes?: number
  partitionBytes?: number
  isolation?: number
  leaderEpoch?: number
}
export async function fetchAll(kafka: Broker, topic: string, options: Fetching = {}) {
  const { offset = 0, maxWait = 0, minBytes = 1, maxBytes = 10_000_000, isolation = 0, leaderEpoch = -1 } = options
  const { index = 0, partitionBytes = maxBytes, version = 12 } = options
  const to = options.to ?? (await kafka.leader(topic, index))
  const partitions = [{ index, leaderEpoch, offset, logStartOffset: -1, maxBytes: partitionBytes }]
  const asked = { maxWait, minBytes, maxBytes, isolation, topics: [{ name: topic, partitions }] }
  return to.ask(Fetch, asked, version)
}
/** What comes of one partition. */
export async function fetch(kafka: Broker, topic: string, options: Fetching = {}) {
  const answer = partitionOf((await fetchAll(kafka, topic, options)).topics)
  const { error, highWatermark, lastStableOffset, logStartOffset, records, aborted } = answer
  return {
    error: errorName(error),
    high: highWatermark,
    stable: lastStableOffset,
    start: logStartOffset,
    values: valuesOf(records),
    batches: batchesOf(records),
    aborted,
  }
}
/** The same, as far as most cases look. */
export async function read(kafka: Broker, topic: string, options: Fetching = {}) {
  const { error, high, values } = await fetch(kafka, topic, options)
  return { error, high, values }
}

type Listing = ToPartition & { isolation?: number; leaderEpoch?: number }
export async function listOffset(kafka: Broker, topic: string, timestamp: number, options: Listing = {}) {
  const { index = 0, isolation = 0, leaderEpoch = -1, version } = options
  const to = options.to ?? (await kafka.leader(topic, index))
  const topics = [{ name: topic, partitions: [{ index, leaderEpoch, timestamp }] }]
  const answer = partitionOf((await to.ask(ListOffsets, { replicaId: -1, isolation, topics }, version)).topics)
  return { error: errorName(answer.error), offset: answer.offset, timestamp: answer.timestamp }
}

const TOO_EARLY = ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']

type Initializing = { timeout?: number; producerId?: number; epoch?: number; version?: number }
/** A producer's id; without a transactional id it is only idempotent. */
export async function initProducer(kafka: Broker, transactionalId: string | null, options: Initializing = {}) {
  const { timeout = 60_000, producerId = -1, epoch = -1, version } = options
  const to = transactionalId === null ? kafka.any : await kafka.coordinator(transactionalId, 1)
  const answer = await settled(
    () => to.ask(InitProducerId, { transactionalId, timeout, producerId, epoch }, version),
    ...TOO_EARLY,
    'CONCURRENT_TRANSACTIONS',
  )
  return { producerId: answer.producerId, epoch: answer.epoch, error: errorName(answer.error) }
}

type Committing = { generation?: number; member?: string; instance?: string | null; version?: number }
type Committed = { topic: string; index?: number; offset: number; metadata?: string | null; leaderEpoch?: number }
export async function commit(kafka: Broker, group: string, offset: Committed, options: Committing = {}) {
  const { generation = -1, member = '', instance = null, version } = options
  const { topic, index = 0, metadata = '', leaderEpoch = -1 } = offset
  const to = await kafka.coordinator(group)
  const topics = [{ name: topic, partitions: [{ index, offset: offset.offset, leaderEpoch, metadata }] }]
  const { topics: answered } = await settled(
    async () => {
      const answer = await to.ask(OffsetCommit, { group, generation, member, instance, topics }, version)
      return { ...answer, error: partitionOf(answer.topics).error }
    },
    ...TOO_EARLY,
  )
  return failed(partitionOf(answered))
}

type FetchingOffset = { requireStable?: boolean; index?: number; member?: string | null; memberEpoch?: number }
export async function committed(kafka: Broker, group: string, topic: string, options: FetchingOffset = {}) {
  const { requireStable = false, index = 0, member = null, memberEpoch = -1 } = options
  const to = await kafka.coordinator(group)
  const groups = [{ group, member, memberEpoch, topics: [{ name: topic, partitions: [index] }] }]
  const answer = await settled(
    async () => only((await to.ask(OffsetFetch, { groups, requireStable })).groups),
    ...TOO_EARLY,
  )
  if (answer.error) return failed(answer)
  const { offset, metadata, error } = partitionOf(answer.topics)
  return error ? errorName(error) : [offset, metadata]
}
