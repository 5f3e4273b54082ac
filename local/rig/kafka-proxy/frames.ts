// What the proxy understands of a conversation with Kafka: what KafkaJS sends, Metadata up to version 8 and Produce up
// to version 7.

import { frameCutter } from '../../../lib/kafka/frames.ts'
import { MetadataResponse } from '../../kafka/protocol/metadata.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import { Writer } from '../../kafka/protocol/writer.ts'
import { int16, int32, int64, list, nullableString, records, string, struct } from '../../kafka/protocol/types.ts'
import { rewrite } from './rewrite.ts'

export const PRODUCE = 0
export { METADATA } from '../../../lib/kafka/metadata.ts'

/** Codes of https://kafka.apache.org/protocol#protocol_error_codes */
export const ERRORS = {
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  NOT_ENOUGH_REPLICAS: 19,
}

const RequestHead = struct({ key: int16, version: int16, correlation: int32, client: nullableString })
const ProduceRequest = struct({
  transactionalId: nullableString,
  acks: int16,
  timeout: int32,
  topics: list({ name: string, partitions: list({ index: int32, records }) }),
})

/** How the answer begins; what follows stays as it is. */
const ProduceResponse = struct({
  topics: list({
    name: string,
    partitions: list({
      index: int32,
      error: int16,
      baseOffset: int64,
      logAppendTime: int64,
      logStartOffset: int64.since(5),
    }),
  }),
})

export type Metadata = typeof MetadataResponse.zero
/** How each partition is answered. */
export type Produced = typeof ProduceResponse.zero

/** The frames of a stream, each with its length in front. */
export async function* frames(stream: AsyncIterable<Buffer>) {
  const cut = frameCutter()
  for await (const chunk of stream) yield* cut(chunk)
}

export function requestHead(frame: Buffer) {
  return RequestHead.read(new Reader(frame.subarray(4)))
}

export const correlationOf = (response: Buffer) => response.readInt32BE(4)

export type Produce = ReturnType<typeof readProduce>

export function readProduce(frame: Buffer) {
  const reader = new Reader(frame.subarray(4))
  const head = RequestHead.read(reader)
  return { head, ...ProduceRequest.read(reader) }
}

/** The same request for other topics and partitions. */
export function writeProduce({ head, topics, ...request }: Produce) {
  const writer = new Writer()
  RequestHead.write(writer, head)
  const pieces = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, records }) => ({ index, records: records && [records] })),
  }))
  ProduceRequest.write(writer, { ...request, topics: pieces })
  return Buffer.concat(writer.frame())
}

/** Divides what is produced: what gets an error instead of being written, with the answer to that, and the others. */
export function refuse({ topics }: Produce, errorOf: (topic: string, partition: number) => number) {
  const choose = (chosen: boolean) =>
    topics
      .map(({ name, partitions }) => ({
        name,
        partitions: partitions.filter(({ index }) => (errorOf(name, index) !== 0) === chosen),
      }))
      .filter(({ partitions }) => partitions.length)
  const chosen = choose(true)
  const refused: Produced['topics'] = chosen.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index }) => ({
      index,
      error: errorOf(name, index),
      baseOffset: -1,
      logAppendTime: -1,
      logStartOffset: -1,
    })),
  }))
  return { chosen, others: choose(false), refused }
}

/** The answer to a Produce request. */
export function answerProduce({ head }: Produce, topics: Produced['topics']) {
  const writer = new Writer(head.version)
  writer.int32(head.correlation)
  ProduceResponse.write(writer, { topics })
  writer.int32(0) // throttle
  return Buffer.concat(writer.frame())
}

export const changeMetadata = (response: Buffer, version: number, change: (metadata: Metadata) => Metadata) =>
  rewrite(response, version, MetadataResponse, change)
export const changeProduced = (response: Buffer, version: number, change: (produced: Produced) => Produced) =>
  rewrite(response, version, ProduceResponse, change)
