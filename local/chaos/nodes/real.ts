import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Partition } from '../../rig/kafka-proxy/behaviour.ts'
import { administer, partitionsOf } from '../../rig/topics.ts'
import type { Nodes } from './nodes.ts'

/** A cluster of real Kafka that `script` started on `port`. */
export function realNodes(script: string, port: number): Nodes {
  const brokers = [`127.0.0.1:${port}`, `127.0.0.1:${port + 10}`, `127.0.0.1:${port + 20}`]
  const run = (command: string, ...args: number[]) => runScript(script, [command, ...[port, ...args].map(String)])
  return {
    down: (node) => run('down', node),
    kill: (node) => run('kill', node),
    killAll: () => run('kill'),
    up: () => run('up'),
    moveLeader: (partition, leader) => moveLeader(brokers, partition, leader),
    close: () => run('up'),
  }
}

/**
 * Takes a partition from its leader, which makes one of the others lead at once; then the old one follows again.
 * KafkaJS knows no election of the preferred leader, and Kafka's own tool takes seconds to start.
 */
async function moveLeader(brokers: string[], { topic, partition }: Partition, leader: number) {
  const found = (await partitionsOf(brokers, [topic])).find((each) => each.partition === partition)
  if (!found) throw new Error(`There is no partition ${partition} of ${topic}`)
  const others = [leader, ...found.replicas.filter((node) => node !== leader && node !== found.leader)]
  await administer(brokers, async (admin) => {
    const assign = (replicas: number[]) =>
      admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition, replicas }] }] })
    await assign(others)
    await assign([...others, found.leader])
  })
}

/** In a session of its own: the nodes that it starts outlive a Ctrl-C. */
async function runScript(script: string, args: string[]) {
  const child = spawn(script, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`${script} ${args.join(' ')}: ${complaints}`)
}
