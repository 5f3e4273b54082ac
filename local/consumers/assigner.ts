// Who gets which partitions. KafkaJS's own round robin deals the partitions of all topics as one pack, so that the
// creation and the changes of a product may go to different members, and twelve partitions of two topics keep a seventh
// of six members busy. Here a member gets the same partitions of each topic, as with Kafka's RangeAssignor: what has
// one key has one consumer.

import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'

const VERSION = 1 // of the encoding of an assignment

type Share = { memberId: string; assignment: { [topic: string]: number[] } }

/** Partition p of each topic goes to the same member, in turn. A member without any is idle. */
export function share(members: string[], partitions: { topic: string; partitions: number[] }[]): Share[] {
  const sorted = members.toSorted() // an id begins with the client's: 'stock-1' is always before 'stock-2'
  return sorted.map((memberId, index) => {
    const own = partitions.map(
      ({ topic, partitions }) => [topic, partitions.filter((p) => p % sorted.length === index)] as const,
    )
    return { memberId, assignment: Object.fromEntries(own.filter(([, { length }]) => length > 0)) }
  })
}

export const samePartitions: PartitionAssigner = ({ cluster }) => ({
  name: 'SamePartitionsAssigner',
  version: VERSION,
  async assign({ members, topics }) {
    const partitions = topics.map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    }))
    return share(
      members.map(({ memberId }) => memberId),
      partitions,
    ).map(({ memberId, assignment }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }))
  },
  protocol({ topics }) {
    return {
      name: this.name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
    }
  },
})
