// What goes wrong with Kafka: on the nodes themselves where they are ours, and else in the proxy, which plays it.

import { type Fault, FOR_SENDS, SHORT, type Strike } from './fault.ts'
import { ERRORS } from '../rig/kafka-proxy/frames.ts'
import { type Behaviour, NO_LEADER } from '../rig/kafka-proxy/behaviour.ts'
import type { Nodes } from './nodes/nodes.ts'
import type { Stack } from './stack.ts'
import { administer, partitionsOf, whenUsable } from '../rig/topics.ts'

const TOPIC = 2 // a kind of resource: https://kafka.apache.org/protocol#The_Messages_AlterConfigs

const relayed =
  (behaviour: (draw: number, stack: Stack) => Behaviour | Promise<Behaviour>): Strike =>
  async (stack, _worker, draw) => {
    await stack.behave(await behaviour(draw, stack))
    return () => stack.behave('kind')
  }
const lying = (error: number) => relayed((draw) => ({ lying: error, share: 0.3 + 0.7 * draw }))

/** A strike at nodes that are ours; its end waits until all of them can be used. */
const onNodes =
  (begin: (nodes: Nodes, draw: number, stack: Stack) => Promise<(() => Promise<unknown>) | void>): Strike =>
  async (stack, _worker, draw) => {
    const { cluster, topics } = stack
    if (!cluster.nodes) throw new Error('The nodes are not ours')
    const end = await begin(cluster.nodes, draw, stack)
    return async () => {
      await end?.()
      await whenUsable(cluster.brokers, Object.values(topics))
    }
  }

/** At nodes that can be told to, or else in the proxy. */
const onNodesOr =
  (canBe: (nodes: Nodes) => unknown, there: Strike, otherwise: Strike): Strike =>
  (stack, ...rest) =>
    (stack.cluster.nodes && canBe(stack.cluster.nodes) ? there : otherwise)(stack, ...rest)

export const kafkaFaults = {
  'the brokers refuse connections': { lasts: FOR_SENDS, strike: relayed(() => 'refusing') },
  'the brokers accept and are silent': { lasts: FOR_SENDS, strike: relayed(() => 'silent') },
  'the brokers are slow': { lasts: FOR_SENDS, strike: relayed((draw) => ({ slow: 50 + Math.floor(900 * draw) })) },
  'the brokers hang up before they have written': { lasts: SHORT, strike: relayed(() => 'hanging up before writing') },
  'the brokers hang up after they have written': { lasts: SHORT, strike: relayed(() => 'hanging up after writing') },
  'the brokers write and say NOT_LEADER_OR_FOLLOWER': { lasts: SHORT, strike: lying(ERRORS.NOT_LEADER_OR_FOLLOWER) },
  'the brokers write and say REQUEST_TIMED_OUT': { lasts: SHORT, strike: lying(ERRORS.REQUEST_TIMED_OUT) },
  'all nodes are killed': {
    lasts: SHORT,
    ours: true,
    strike: onNodes(async (nodes) => {
      await nodes.killAll()
      return () => nodes.up()
    }),
  },
  'a node is killed': {
    lasts: FOR_SENDS,
    ours: true,
    strike: onNodes(async (nodes, draw, { cluster }) => {
      return bringBack(nodes, nodes.kill(pick(cluster.ids, draw)))
    }),
  },
  'a node is restarted': {
    lasts: FOR_SENDS,
    ours: true,
    strike: onNodes(async (nodes, draw, { cluster }) => bringBack(nodes, nodes.down(pick(cluster.ids, draw)))),
  },
  'a leader moves': {
    lasts: SHORT,
    ours: true,
    strike: onNodes(async (nodes, draw, stack) => {
      const { leader, replicas, ...partition } = await pickPartition(stack, draw)
      const others = replicas.filter((node) => node !== leader)
      await nodes.moveLeader(partition, pick(others, (draw * 1_000) % 1))
    }),
  },
  'a partition has no leader': {
    lasts: FOR_SENDS,
    // Real nodes agree on a leader as long as one of them lives, and all partitions are on all nodes.
    strike: onNodesOr(
      (nodes) => nodes.withoutLeader,
      onNodes(async (nodes, draw, stack) => nodes.withoutLeader?.(await pickPartition(stack, draw))),
      relayed(async (draw, stack) => {
        const failing = await pickPartition(stack, draw)
        return { failing, error: ERRORS.NOT_LEADER_OR_FOLLOWER, leader: NO_LEADER }
      }),
    ),
  },
  'too few replicas are in sync': {
    lasts: FOR_SENDS,
    strike: onNodesOr(
      Boolean,
      onNodes(async (nodes, draw, stack) => {
        await demandInSync(stack, stack.cluster.ids.length)
        const up = bringBack(nodes, nodes.down(pick(stack.cluster.ids, draw)))
        return async () => {
          await up()
          await demandInSync(stack)
        }
      }),
      relayed(async (draw, stack) => ({
        failing: await pickPartition(stack, draw),
        error: ERRORS.NOT_ENOUGH_REPLICAS,
      })),
    ),
  },
  'a zombie answers for a partition': {
    lasts: FOR_SENDS,
    // A real node cannot be cut off from the others alone: the proxy sends Workers to a node that does not lead, and
    // lets that one keep them waiting in vain.
    strike: onNodesOr(
      (nodes) => nodes.withZombie,
      onNodes(async (nodes, draw, stack) => nodes.withZombie?.((await pickPartition(stack, draw)).leader)),
      relayed(async (draw, stack) => {
        const failing = await pickPartition(stack, draw)
        const others = stack.cluster.ids.filter((node) => node !== failing.leader)
        return { failing, error: ERRORS.REQUEST_TIMED_OUT, leader: others.length ? pick(others, draw) : failing.leader }
      }),
    ),
  },
} satisfies Record<string, Fault>

/** Does not wait until the node has `gone`, as what is held for the fault must go on; what ends it does. */
function bringBack(nodes: Nodes, gone: Promise<unknown>) {
  gone.catch(() => {}) // whoever ends it is told
  return async () => {
    await gone
    await nodes.up()
  }
}

/** How many replicas must have a record before it is acknowledged; by default as many as the cluster says. */
const demandInSync = ({ cluster, topics }: Stack, count?: number) =>
  administer(cluster.brokers, (admin) => {
    const configEntries = count === undefined ? [] : [{ name: 'min.insync.replicas', value: String(count) }]
    const resources = Object.values(topics).map((name) => ({ type: TOPIC, name, configEntries }))
    return admin.alterConfigs({ validateOnly: false, resources })
  })

const pickPartition = async ({ cluster, topics }: Stack, draw: number) =>
  pick(await partitionsOf(cluster.brokers, Object.values(topics)), draw)

/** `draw` is from 0 to below 1. */
function pick<T>(items: T[], draw: number): T {
  const item = items[Math.floor(draw * items.length)]
  if (item === undefined) throw new Error('There is nothing to pick from')
  return item
}
