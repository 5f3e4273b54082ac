// How one kind of request is answered, apart from what it is about.

import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { knownTo, type Node } from '../node.ts'
import type { Reader } from '../protocol/reader.ts'
import type { Api, Type } from '../protocol/types.ts'
import type { Writer } from '../protocol/writer.ts'

type Context = {
  node: Node // the one the client is connected to
  version: number
  clientId: string
  clientHost: string
  gone: AbortSignal // the client's connection has ended
}

type Write = (writer: Writer) => void

export type Endpoint = Pick<Api<unknown, unknown>, 'key' | 'min' | 'max' | 'flexible'> & {
  /** Reads the request, acts, and returns what writes the response; null is no answer at all. */
  answer(reader: Reader, context: Context): Promise<Write | null>
}

type Handle<Q, R> = (request: Q, context: Context) => R | null | Promise<R | null>

export const endpoint = <Q, R>({ request, response, ...api }: Api<Q, R>, handle: Handle<Q, NoInfer<R>>): Endpoint => ({
  ...api,
  async answer(reader, context) {
    const asked = request.read(reader)
    try {
      const answer = await handle(asked, context)
      return answer && ((writer) => response.write(writer, answer))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const { code, message } = error
      const refusal: Pick<Type<unknown>, 'write'> = response
      return (writer) => refusal.write(writer, { error: code, message })
    }
  },
})

/** The result of `f`, or the error it threw in the form responses carry it. */
export function attempt<T extends object>(f: () => T) {
  try {
    return f()
  } catch (error) {
    if (error instanceof KafkaError) return { error: error.code, message: error.message, ...error.details }
    throw error
  }
}

/** Each once: or a short request could have a long answer many times over. */
export const distinct = <T>(all: T[], key: (each: T) => unknown) =>
  all.length < 2 ? all : [...new Map(all.map((each) => [key(each), each])).values()]

/** The same for topics and the partitions in each. */
export const distinctPartitions = <P extends number | { index: number }>(
  topics: { name: string; id?: string; partitions: P[] }[],
) =>
  distinct(topics, ({ name, id }) => `${name}/${id}`).map((topic) => ({
    ...topic,
    partitions: distinct(topic.partitions, (partition) =>
      typeof partition === 'number' ? partition : partition.index,
    ),
  }))

/** Answers each partition a request names on its own: one failing leaves the others be. */
export const eachPartition = <P extends number | { index: number }, R extends object>(
  topics: { name: string; partitions: P[] }[],
  f: (name: string, index: number, partition: P) => R,
) =>
  topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => {
      const index = typeof partition === 'number' ? partition : partition.index
      return { index, ...attempt(() => f(name, index, partition)) }
    }),
  }))

/**
 * A partition that the node leads, as far as the node knows: it sees nothing of the log from `end` on.
 * `epoch` is of the leader that the client asks for; -1 where it does not say.
 */
export function ledPartition(cluster: Cluster, name: string, index: number, node: Node, epoch = -1) {
  const partition = cluster.partition(name, index)
  const known = knownTo(node, partition) ?? fail('UNKNOWN_TOPIC_OR_PARTITION')
  if (!partition.replicas.includes(node.id)) fail('NOT_LEADER_OR_FOLLOWER')
  if (epoch >= 0 && epoch < known.epoch) fail('FENCED_LEADER_EPOCH')
  if (epoch > known.epoch) fail('UNKNOWN_LEADER_EPOCH')
  if (known.leader !== node.id) fail('NOT_LEADER_OR_FOLLOWER')
  return { partition, log: partition.log, epoch: known.epoch, isr: known.isr, end: known.end }
}

/** Throws where another node answers for this group or transactional id; of that, a node that is cut off is sure. */
export function checkCoordinator(cluster: Cluster, key: string, node: Node) {
  if (cluster.coordination(key).leader !== node.id) fail('NOT_COORDINATOR')
}

/** The group that the node answers for, made where there is none. */
export function ledGroup(cluster: Cluster, id: string, node: Node) {
  if (!id) fail('INVALID_GROUP_ID')
  checkCoordinator(cluster, id, node)
  return cluster.group(id)
}

/** Throws where a change of the cluster cannot be made through this node, because it is cut off from the controller. */
export function checkController({ isolation }: Node) {
  if (isolation) fail('REQUEST_TIMED_OUT', 'The controller cannot be reached.')
}
