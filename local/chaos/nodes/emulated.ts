import { join } from 'node:path'
import { lastingPort } from '../../machine/ports.ts'
import { processGroup } from '../../machine/process-group.ts'
import type { Cluster } from './nodes.ts'

const NODES = 3
const UNNOTICED = 1_000 // ms for which a dead node still counts as a leader
const PROGRAM = join(import.meta.dirname, 'emulator-process.ts')

/** Three nodes of the emulator, together in a process of their own, which can be killed as well. */
export async function startEmulatedNodes(folder: string): Promise<Cluster> {
  const ports: number[] = []
  while (ports.length < NODES) {
    const port = await lastingPort()
    if (!ports.includes(port)) ports.push(port)
  }
  const group = processGroup(PROGRAM, [JSON.stringify({ ports, folder })])
  await group.start()
  const tell = (...command: (string | number)[]) => group.tell(command)
  const down = new Set<number>()
  return {
    brokers: ports.map((port) => `127.0.0.1:${port}`),
    ids: ports.map((_, id) => id),
    nodes: {
      down: (node) => {
        down.add(node)
        return tell('down', node)
      },
      kill: (node) => {
        down.add(node)
        return tell('kill', node, UNNOTICED)
      },
      killAll: () => group.kill(),
      async up() {
        if (!group.isAlive()) await group.start()
        else for (const node of down) await tell('up', node)
        down.clear()
      },
      moveLeader: ({ topic, partition }, leader) => tell('moveLeader', topic, partition, leader),
      async withoutLeader({ topic, partition }) {
        await tell('withhold', topic, partition)
        return () => tell('restore', topic, partition)
      },
      async withZombie(node) {
        await tell('isolate', node)
        return () => tell('rejoin', node)
      },
      close: () => group.kill(),
    },
  }
}
