// For tests and rigs, not for users: a local Kafka of several nodes whose leaders move and whose nodes go away and come
// back.

import { freePort, lastingPort } from '../machine/ports.ts'
import { isolation, type Node } from './node.ts'
import { electPreferred, handOver, NOBODY } from './partition.ts'
import { type Options, startBrokers } from './server.ts'

/**
 * Starts the local Kafka on three nodes, or as many as there are `ports`, with ids 0, 1, 2 in their order. A topic made
 * on first use has all of three nodes as replicas and `min.insync.replicas` 2; partition N prefers node N modulo their
 * number as its leader.
 *
 * What is called here holds for all clients when it resolves or returns. Calls for one node wait for one another. An
 * unknown topic, partition or node, and a call that the node is not in the state for (`up` while it is up), is an error
 * that says so.
 */
export async function startNodes({ ports, ...options }: Options = {}) {
  const { cluster, listeners, open, brokers, close } = await startBrokers({
    ports: ports ?? (await lastingPorts()),
    ...options,
  })
  const busy = new Map<number, Promise<void>>()

  const state = (node: Node) => (node.isolation ? 'isolated' : listeners.has(node) ? 'up' : 'down')

  /** Runs `work` on a node that is in one of these states, after what is under way for it. */
  const change = (id: number, states: ReturnType<typeof state>[], work: (node: Node) => void | Promise<void>) => {
    const done = (busy.get(id) ?? Promise.resolve())
      .catch(() => {}) // told to its own caller
      .then(() => {
        const node = cluster.nodes.find((each) => each.id === id)
        if (!node) throw new Error(`there is no node ${id}`)
        if (!states.includes(state(node))) throw new Error(`node ${id} is ${state(node)}, not ${states.join(' or ')}`)
        return work(node)
      })
    busy.set(id, done)
    return done
  }

  /** The others count on the node no more: its leaderships move, where there is another node in the ISR. */
  const leave = (node: Node) => {
    node.live = false
    cluster.settle()
  }

  /** The node is back in the ISR, and leads what has no leader; what it led before, only after `electPreferred`. */
  const join = (node: Node) => {
    node.live = true
    cluster.settle()
  }

  const endIsolation = (node: Node) => {
    const { isolation } = node
    node.isolation = undefined
    isolation?.over.abort()
    for (const { partitions } of cluster.topics.values()) for (const { log } of partitions) log.wake()
  }

  const takeListener = (node: Node) => {
    const listener = listeners.get(node)
    listeners.delete(node)
    return listener
  }

  return {
    /** Addresses, `host:port`, in the order of the nodes' ids. They stay the same over `down`, `kill` and `up`. */
    brokers,

    /** Ends all of it, nodes in any state included. */
    close,

    /** The id of the node that leads a partition, or undefined where none does. */
    leaderOf: (topic: string, partition: number) => {
      const { leader } = cluster.partition(topic, partition)
      return leader === NOBODY ? undefined : leader
    },

    /**
     * Hands a partition over to another node, which must be in the ISR. Requests under way are before or after it as a
     * whole.
     */
    moveLeader: (topic: string, partition: number, nodeId: number) => {
      const moved = cluster.partition(topic, partition)
      const able = moved.isr.includes(nodeId) && cluster.live.some(({ id }) => id === nodeId)
      if (!able) throw new Error(`node ${nodeId} is not in the ISR of ${topic}-${partition}`)
      if (moved.withheld) throw new Error(`${topic}-${partition} is withheld`)
      cluster.settle((each, live) => (each === moved ? handOver(each, nodeId, live) : each))
    },

    /**
     * Gives each partition, group and transactional id back to the node that is meant for it, where that is in the ISR.
     */
    electPreferred: () => cluster.settle(electPreferred),

    /** Takes the leader from a partition and lets no other node lead it; all else goes on. */
    withhold: (topic: string, partition: number) => {
      cluster.partition(topic, partition).withheld = true
      cluster.settle()
    },

    /** Lets a partition that was withheld have a leader again. */
    restore: (topic: string, partition: number) => {
      cluster.partition(topic, partition).withheld = false
      cluster.settle()
    },

    /**
     * A graceful stop, as in a rolling restart: leaderships, groups, transactions and the controller's part go to other
     * nodes, then what is under way is answered, then port and connections are closed. Resolves after that.
     */
    down: (nodeId: number) =>
      change(nodeId, ['up', 'isolated'], async (node) => {
        endIsolation(node)
        leave(node)
        await takeListener(node)?.drain()
      }),

    /**
     * A crash: port and connections are gone at once, nothing that is under way is answered, though it may have been
     * written. The others notice when `noticed` resolves (in Kafka after broker.session.timeout.ms); until then the
     * dead node is still the leader that they tell clients. Resolves when its leaderships have moved.
     */
    kill: (nodeId: number, noticed: Promise<unknown> = Promise.resolve()) =>
      change(nodeId, ['up', 'isolated'], async (node) => {
        await takeListener(node)?.reset()
        endIsolation(node)
        await noticed
        leave(node)
      }),

    /**
     * Starts a node that is down, on its old port: it is back in the ISR of its partitions. Throws the listening error
     * if the port was taken.
     */
    up: (nodeId: number) =>
      change(nodeId, ['down'], async (node) => {
        await open(node)
        join(node)
      }),

    /**
     * Cuts a node off from the others, not from its clients: a zombie. Its leaderships move, but in Metadata it tells
     * what it last knew, itself as leader. Produce with acks=all it answers by REQUEST_TIMED_OUT after the request's
     * timeout (NOT_ENOUGH_REPLICAS at once where the ISR was too small before), and writes nothing; with acks=1 it
     * acknowledges what is lost at `rejoin`, as in Kafka. It reads up to where the log ended for it, coordinates no
     * group (NOT_COORDINATOR) and changes no topic (REQUEST_TIMED_OUT).
     */
    isolate: (nodeId: number) =>
      change(nodeId, ['up'], (node) => {
        const partitions = [...cluster.topics.values()].flatMap((topic) => topic.partitions)
        node.isolation = isolation(cluster.live, partitions, cluster.coordinations)
        leave(node)
      }),

    /**
     * Ends that: the node learns who leads what, is back in the ISR, and answers what waited with
     * NOT_LEADER_OR_FOLLOWER.
     */
    rejoin: (nodeId: number) =>
      change(nodeId, ['isolated'], (node) => {
        join(node)
        endIsolation(node)
      }),
  }
}

/** Three ports that nobody takes while their nodes are down. */
async function lastingPorts() {
  const ports = [await lastingPort()]
  for (let [last = 0] = ports; ports.length < 3; ports.push(last)) last = await freePort('', last + 1, () => {})
  return ports
}
