// The nodes of a cluster, and what can be done to them.

import type { Partition } from '../../rig/kafka-proxy/behaviour.ts'

/**
 * `script` starts, stops and kills the nodes of a real cluster of ours, that runs already; `brokers` are anybody's, and
 * are left alone.
 */
export type Where = 'emulator' | { script: string; port: number } | { brokers: string[] }

/**
 * What can be done to nodes that are ours. Each resolves when it has been done, which is before the cluster has got
 * over it.
 */
export type Nodes = {
  /** Hands over what the node leads, and ends it. */
  down(node: number): Promise<unknown>
  /** Without a last word; the others may need a moment to notice. */
  kill(node: number): Promise<unknown>
  killAll(): Promise<unknown>
  /** All that are dead, on the data that they had. */
  up(): Promise<unknown>
  /** `leader` is one of the nodes that hold it. */
  moveLeader(partition: Partition, leader: number): Promise<unknown>
  /** Where the nodes themselves can be told to, the fault begins, and the result ends it. */
  withoutLeader?: (partition: Partition) => Promise<() => Promise<unknown>>
  withZombie?: (node: number) => Promise<() => Promise<unknown>>
  /** What came to life for the run ends, and what was there before lives again. */
  close(): Promise<unknown>
}

export type Cluster = { brokers: string[]; ids: number[]; nodes?: Nodes }
