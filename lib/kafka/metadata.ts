// What brokers tell of their cluster. KafkaJS throws a whole Metadata answer away where one partition of it has no
// leader, and with it what it says of all others. So the answer is read on its way to KafkaJS, and its errors are kept
// here instead of there. https://kafka.apache.org/protocol#The_Messages_Metadata

export const METADATA = 3 // its API key

/**
 * The partitions of a topic, each by the id of the node that leads it (-1 for none), or Kafka's error code for the
 * topic.
 */
type TopicView = { error: number; leaders: number[] }

/** Facts that may be shared by requests of one isolate: addresses of nodes by their id, and topics by their name. */
export type ClusterView = { nodes: Map<number, string>; topics: Map<string, TopicView> }
export const newClusterView = (): ClusterView => ({ nodes: new Map(), topics: new Map() })

/** The address of the node that leads a partition, or undefined where none does. */
export function leaderOf({ nodes, topics }: ClusterView, topic: string, partition: number): string | undefined {
  return nodes.get(topics.get(topic)?.leaders[partition] ?? -1)
}

/**
 * Takes a Metadata answer of version 5 or 6, as KafkaJS asks brokers since 1.0 for it, into the view, and its errors
 * out of the answer.
 */
export function takeMetadata(answer: Buffer, view: ClusterView) {
  let at = 8 // after the size and the correlation id
  const skip = (size: number) => (at += size) - size
  const int16 = () => answer.readInt16BE(skip(2))
  const int32 = () => answer.readInt32BE(skip(4))
  const string = () => {
    const size = Math.max(0, int16())
    return answer.toString('utf8', skip(size), at)
  }
  const repeat = <T>(read: () => T) => Array.from({ length: int32() }, read)
  const clearError = () => {
    const error = answer.readInt16BE(at)
    answer.writeInt16BE(0, skip(2))
    return error
  }

  skip(4) // throttle time
  const nodes = repeat(() => {
    const id = int32()
    const address = `${string()}:${int32()}`
    string() // rack
    return [id, address] as const
  })
  string() // cluster id
  skip(4) // controller
  const topics = repeat(() => {
    const error = clearError()
    const name = string()
    skip(1) // internal or not
    const leaders: number[] = []
    repeat(() => {
      clearError() // of a partition: then it has no leader
      leaders[int32()] = int32()
      for (const _list of ['replicas', 'in sync', 'offline']) repeat(int32)
    })
    return [name, { error, leaders }] as const
  })
  view.nodes = new Map(nodes)
  for (const [name, topic] of topics) view.topics.set(name, topic)
}
