import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTopics, partitionsOf, whenUsable } from '../../rig/topics.ts'
import { startEmulatedNodes } from './emulated.ts'
import type { Nodes } from './nodes.ts'

const orders = { topic: 'orders', partition: 0 } // its leader is node 0 at first

/** Begins, and gives what ends it. */
type Begin = (nodes: Nodes) => Promise<(() => Promise<unknown>) | undefined>

test.each<[string, Begin, string, string]>([
  ['goes in peace', async (nodes) => (await nodes.down(0), () => nodes.up()), '1 before 1,2', '1 before 0,1,2'],
  ['is killed', async (nodes) => (await nodes.kill(0), () => nodes.up()), '1 before 1,2', '1 before 0,1,2'],
  [
    'hands over a partition',
    async (nodes) => void (await nodes.moveLeader(orders, 2)),
    '2 before 0,1,2',
    '2 before 0,1,2',
  ],
  [
    'leads no more, and nobody else',
    async (nodes) => nodes.withoutLeader?.(orders),
    'There is no leader',
    '0 before 0,1,2',
  ],
  ['is cut off', async (nodes) => nodes.withZombie?.(0), '1 before 1,2', '1 before 0,1,2'],
])('what it leads can be used again after a node %s', async (_, begin, meanwhile, afterwards) => {
  const { nodes, look, usable } = await stage()
  const end = await begin(nodes)
  expect(await look()).toBe(meanwhile)
  await end?.()
  await usable()
  expect(await look()).toBe(afterwards)
})

test('all of them die at once, and come back with the topics that they had', async () => {
  const { nodes, look, usable } = await stage()
  await nodes.killAll()
  expect(await look()).toContain('ECONNREFUSED')
  await nodes.up()
  await usable()
  expect(await look()).toBe('0 before 0,1,2')
})

test('what cannot be done is told', async () => {
  const { nodes } = await stage()
  await expect(nodes.down(7)).rejects.toThrow('there is no node 7')
  await nodes.killAll()
  await expect(nodes.down(0)).rejects.toThrow('does not run')
})

async function stage() {
  const folder = await mkdtemp(join(tmpdir(), 'emulated-nodes-'))
  const { brokers, nodes } = await startEmulatedNodes(folder)
  onTestFinished(async () => {
    await nodes?.close()
    await rm(folder, { recursive: true, force: true })
  })
  if (!nodes) throw new Error('They are not ours')
  await createTopics(brokers, [orders.topic])
  /** The leader of the partition and those in sync, as the last node tells it, or the error in their place. */
  const look = async () => {
    try {
      const found = (await partitionsOf(brokers.slice(-1), [orders.topic])).find(
        ({ partition }) => partition === orders.partition,
      )
      return `${found?.leader} before ${found?.isr.toSorted().join()}`
    } catch (error) {
      return String(error).replace(/.*(There is no leader).*/, '$1')
    }
  }
  return { nodes, look, usable: () => whenUsable(brokers, [orders.topic]) }
}
