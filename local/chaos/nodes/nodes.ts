// The cluster that a run uses: three nodes of the emulator, three of real Kafka, or what the user has.

import { join } from 'node:path'
import type { Partition } from '../../rig/kafka-proxy/behaviour.ts'
import { clusterOf } from '../../rig/topics.ts'
import { startEmulatedNodes } from './emulated.ts'
import { realNodes } from './real.ts'

/** `script` starts, stops and kills the nodes of a real cluster of ours, that runs already; `brokers` are anybody's, and are left alone. */
export type Where = 'emulator' | { script: string; port: number } | { brokers: string[] }

/** What can be done to nodes that are ours. Each resolves when it has been done, which is before the cluster has got over it. */
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

/** Resolves when it answers. `folder` is for the records of the emulator. */
export async function openCluster(where: Where, folder: string): Promise<Cluster> {
  if (where === 'emulator') return startEmulatedNodes(join(folder, 'kafka'))
  const nodes = 'script' in where ? realNodes(where.script, where.port) : undefined
  const brokers = 'script' in where ? [`127.0.0.1:${where.port}`] : where.brokers
  const known = await clusterOf(brokers)
  const cluster = { brokers: known.map(({ host, port }) => `${host}:${port}`), ids: known.map(({ nodeId }) => nodeId) }
  return nodes ? { ...cluster, nodes } : cluster
}
