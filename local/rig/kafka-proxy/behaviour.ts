// How a proxy may treat what passes through it, and what becomes of an answer then.

import { ERRORS, type Metadata, type Produced } from './frames.ts'

export type Partition = { topic: string; partition: number }

/**
 * One that is failing does not write one partition, and answers `error` for it. `leader` is whom Metadata then names:
 * -1 for nobody, undefined for the true one. Where that is a node, only this one answers so: who knows the true leader
 * may go on writing there.
 */
export type Behaviour =
  | 'kind'
  | 'refusing' // connections, and cutting those it has
  | 'silent' // what comes is kept, in both directions, and delivered in the end
  | 'hanging up before writing'
  | 'hanging up after writing'
  | { slow: number } // ms for each request, and for each answer
  | { lying: number; share: number } // the error it answers for a share of the partitions that it has written
  | { failing: Partition; error: number; leader?: number }

export const NO_LEADER = -1

/** The error that a node answers for a partition in place of writing it; 0 for none. */
export function errorOf(behaviour: Behaviour, nodeId: number, topic: string, partition: number) {
  if (typeof behaviour !== 'object' || !('failing' in behaviour)) return 0
  const { failing, error, leader = NO_LEADER } = behaviour
  return failing.topic === topic && failing.partition === partition && (leader === NO_LEADER || leader === nodeId)
    ? error
    : 0
}

/** What is told of partitions that were written. `random` decides for which of them it is a lie. */
export function lieAbout(topics: Produced['topics'], behaviour: Behaviour, random: () => number): Produced['topics'] {
  if (typeof behaviour !== 'object' || !('lying' in behaviour)) return topics
  const { lying, share } = behaviour
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => (random() < share ? { ...partition, error: lying } : partition)),
  }))
}

/** Metadata with the leader that the behaviour names. */
export function mislead({ topics, ...rest }: Metadata, behaviour: Behaviour): Metadata {
  if (typeof behaviour !== 'object' || !('failing' in behaviour) || behaviour.leader === undefined)
    return { ...rest, topics }
  const { failing, leader } = behaviour
  const error = leader === NO_LEADER ? ERRORS.LEADER_NOT_AVAILABLE : 0
  return {
    ...rest,
    topics: topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) =>
        topic.name === failing.topic && partition.index === failing.partition
          ? { ...partition, error, leader }
          : partition,
      ),
    })),
  }
}
