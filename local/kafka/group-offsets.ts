// How far one group has come in each partition.

export type CommittedOffset = { offset: number; leaderEpoch: number; metadata: string | null }
export type GroupOffsets = Map<string, Map<number, CommittedOffset>> // by topic, then by partition

export function storeOffset(
  offsets: GroupOffsets,
  topic: string,
  index: number,
  { offset, leaderEpoch, metadata }: CommittedOffset,
) {
  const partitions = offsets.get(topic) ?? new Map<number, CommittedOffset>()
  offsets.set(topic, partitions.set(index, { offset, leaderEpoch, metadata: metadata ?? '' }))
}
