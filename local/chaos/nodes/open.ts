// The cluster that a run uses: three nodes of the emulator, three of Apache Kafka, or what the user has.

import { join } from 'node:path'
import { clusterOf } from '../../rig/topics.ts'
import { startEmulatedNodes } from './emulated.ts'
import type { Cluster, Where } from './nodes.ts'
import { realNodes } from './real.ts'

/** Resolves when it answers. `folder` is for the records of the emulator. */
export async function openCluster(where: Where, folder: string): Promise<Cluster> {
  if (where === 'emulator') return startEmulatedNodes(join(folder, 'kafka'))
  const nodes = 'script' in where ? realNodes(where.script, where.port) : undefined
  const brokers = 'script' in where ? [`127.0.0.1:${where.port}`] : where.brokers
  const known = await clusterOf(brokers)
  const cluster = { brokers: known.map(({ host, port }) => `${host}:${port}`), ids: known.map(({ nodeId }) => nodeId) }
  return nodes ? { ...cluster, nodes } : cluster
}
