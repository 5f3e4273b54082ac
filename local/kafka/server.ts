// The local Kafka: brokers on TCP ports of this machine that any Kafka client can talk to.
//
//   server.ts      opens the ports, one broker each, over one cluster
//   listener.ts    the port of one broker, and its connections
//   connection.ts  cuts a client's stream into requests and sends the answers back in order
//   requests/      what each kind of request does, by subject
//   protocol/      how requests and responses look on the wire
//   cluster.ts     what the brokers know: topics, groups, transactions, and the folder they are kept in
//   partition.ts   who leads a partition, and in which epoch
//   log/           the records of one partition, and how they are kept
//   nodes.ts       for tests: moves leaders, and takes brokers down and up again

import { Cluster, type Settings } from './cluster.ts'
import { CLEANER_BACKOFF } from './housekeeping.ts'
import { LIMITS, type Limits, listen, type Listener } from './listener.ts'
import type { Node } from './node.ts'
import { endpoints } from './requests/all.ts'
import { openUnfinished } from './unfinished.ts'

export type Options = Partial<Settings> & {
  host?: string
  bind?: string
  ports?: number[]
  limits?: Partial<Limits>
  log?: (message: string) => void
}

/**
 * Starts one broker a port (0 is a free one) and resolves when all listen, with their addresses as clients are told
 * them.
 * `host` is where clients are told to find the brokers, and `bind` the address to listen on, if that is another.
 * `folder` keeps topics, records and committed offsets over restarts and kills, and is for one process at a time; null,
 * the default, keeps all in memory. `partitions` is for topics made without a number, and for those that are made on
 * first use. With several brokers, topics have up to 3 replicas, of which 2 must be in sync for acks=all, unless told
 * otherwise. `cleanerBackoff` (ms) is how often it looks for what to remove and to compact. `log` is told of every
 * connection that was cut off and of every damaged end of a log file.
 * `close` ends every connection and timer and finishes what is being written. `standStill` stops all of it for as long
 * as its argument blocks. Throws the listening error where a port is taken, and an error that names the file where one
 * in `folder` cannot be understood. Source: kafka.apache.org/protocol, and the broker configuration of the same names
 * in Kafka's documentation.
 */
export async function startKafka(options: Options = {}) {
  const { brokers, close, cluster } = await startBrokers(options)
  return { brokers, close, standStill: (wait: () => void) => standStill(cluster, wait) }
}

/** The same with what is behind it: the cluster, and of each of its nodes the listener and what opens it again. */
export async function startBrokers({
  host = '127.0.0.1',
  bind = host,
  ports = [9092],
  limits,
  log = console.error,
  ...settings
}: Options) {
  const nodes = ports.map((port, id): Node => ({ id, host, bind, port, live: true }))
  const cluster = new Cluster(nodes, { partitions: 3, folder: null, cleanerBackoff: CLEANER_BACKOFF, ...settings }, log)
  const table = endpoints(cluster)
  const bounds = { ...LIMITS, ...limits }
  const unfinished = openUnfinished(bounds.unfinished)
  const listeners = new Map<Node, Listener>()
  const open = async (node: Node) => void listeners.set(node, await listen(node, table, unfinished, log, bounds))
  const close = async () => {
    await Promise.all([...listeners.values()].map((listener) => listener.close()))
    await cluster.close()
  }
  try {
    for (const node of nodes) await open(node)
  } catch (error) {
    await close()
    throw error
  }
  return { cluster, listeners, open, brokers: nodes.map(({ host, port }) => `${host}:${port}`), close }
}

/** While `wait` blocks this thread, it reads nothing and answers nothing; no session of a group runs out by that. */
function standStill({ groups }: Cluster, wait: () => void) {
  for (const group of groups.values()) group.hold()
  wait()
  // Only the second turn of the event loop after that knows how late it is: a timer that is set before would be over at
  // once.
  setImmediate(() =>
    setImmediate(() => {
      for (const group of groups.values()) group.resume()
    }),
  )
}
