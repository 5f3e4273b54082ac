// The files beside the logs. A topic's settings are small and change seldom, so those of all topics are one file of JSON.

import * as z from 'zod'
import type { Topic } from './partition.ts'
import { MAX_STRING } from './protocol/types.ts'
import { topicConfigs } from './topic-configs.ts'

const count = z.int().nonnegative()

export const ClusterFile = z.object({ id: z.string() })
export type ClusterFile = z.infer<typeof ClusterFile>

export const TopicsFile = z.array(
  z.object({
    name: z.string(),
    id: z.string(),
    replication: z.int(),
    configs: z.record(z.string(), z.string()),
    starts: z.array(count), // the first offset of each partition: what lies before it was deleted
    epochs: z.array(count).default([]), // of the leader of each partition; files of before there were several do not have them
    replicas: z.record(z.string(), z.array(count)).default({}), // of partitions that are elsewhere than usual
  }),
)
export type TopicsFile = z.infer<typeof TopicsFile>

/** `usual`: where partitions are that nobody has moved. */
export const savedTopic = ({ partitions, ...topic }: Topic, usual: (index: number) => number[]) => ({
  ...topic,
  starts: partitions.map(({ log }) => log.start),
  epochs: partitions.map(({ epoch }) => epoch),
  replicas: Object.fromEntries(
    [...partitions.entries()]
      .map(([index, { replicas }]) => [index, replicas] as const)
      .filter(([index, replicas]) => String(replicas) !== String(usual(index))),
  ),
})

export const Committed = z.object({
  topic: z.string(),
  index: count,
  offset: z.number(), // files of before big ones were refused have them
  leaderEpoch: z.int(),
  metadata: z.string().nullable(),
})
/** Of before there was a log of them. */
export const OffsetsFile = z.array(Committed.extend({ group: z.string() }))

/**
 * Without what no answer has room for, and what was taken for settings: files of before clients were held to it may
 * have both.
 */
export const soundConfigs = (configs: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(configs).filter(
      ([name, value]) => Object.hasOwn(topicConfigs, name) && Buffer.byteLength(value) <= MAX_STRING,
    ),
  )
