// What a case asks its questions of: the brokers of one cluster, by what they tell about themselves.

import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Connection, connect } from './connection.ts'
import { errorName } from './error-names.ts'
import { FindCoordinator } from '../protocol/groups.ts'
import { Metadata } from '../protocol/metadata.ts'
import { ListOffsets } from '../protocol/records.ts'
import { CreateTopics, DeleteTopics } from '../protocol/topics.ts'

const DEADLINE = 120_000 // ms: a busy machine fails no case
const PAUSE = 15 // ms between two looks

type Topic = { partitions?: number; replication?: number; configs?: Record<string, string>; name?: string }
type Kafka = Awaited<ReturnType<typeof openKafka>>
export type Broker = Awaited<ReturnType<typeof openBroker>>
/** Hands a partition over to another node, as an operator would. */
export type MoveLeader = (kafka: Kafka, topic: string, partition: number, to: number) => Promise<void>

export const uniqueName = (what: string) => `conformance-${what}-${randomUUID().slice(0, 8)}`

/** What `probe` gives as soon as that is something; throws what it threw last where it never is. */
export async function until<T>(probe: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + DEADLINE; ; await setTimeout(PAUSE)) {
    const found = await probe()
    if (found) return found
    if (Date.now() > end) throw new Error(`still waiting for ${String(probe)}`)
  }
}

/** The answer that is none of these errors, which say that it is too early. */
export const settled = <T extends { error: number }>(ask: () => Promise<T>, ...early: string[]) =>
  until(async () => {
    const answer = await ask()
    return early.includes(errorName(answer.error)) ? undefined : answer
  })

/** Connections are opened as they are needed, one for each node; `close` ends all. */
export async function openBroker(bootstrap: string[], moveLeader: MoveLeader, made: string[] = []) {
  const kafka = await openKafka(bootstrap, made)
  return { ...kafka, moveLeader: (topic: string, to: number, index = 0) => moveLeader(kafka, topic, index, to) }
}

/** `made`: topics of one partition that were made before, for those who need no other. */
async function openKafka(bootstrap: string[], made: string[]) {
  const opened: Connection[] = []
  const shared = new Map<string, Promise<Connection>>()
  const open = async (address: string) => {
    const connection = await connect(address)
    opened.push(connection)
    return connection
  }
  const share = (address: string) => {
    const connection = shared.get(address) ?? open(address)
    shared.set(address, connection)
    return connection
  }
  const any = await share(bootstrap[0] ?? '')

  const metadata = async (topics: string[] | null, from = any) =>
    from.ask(Metadata, { topics: topics?.map((name) => ({ name })) ?? null, autoCreate: false })
  const nodes = async () =>
    (await metadata([])).brokers.map(({ id, host, port }) => ({ id, address: `${host}:${port}` }))
  const node = async (id: number) => {
    const found = (await nodes()).find((each) => each.id === id)
    if (!found) throw new Error(`there is no node ${id}`)
    return share(found.address)
  }
  const leaderOf = (topic: string, index = 0) =>
    until(async () => {
      const { topics } = await metadata([topic])
      const partition = topics[0]?.partitions.find((each) => each.index === index)
      return partition && partition.leader >= 0 && partition
    })
  const leader = async (topic: string, index = 0) => node((await leaderOf(topic, index)).leader)

  /** Resolves when every node knows of all partitions, and their leaders answer. */
  const usable = async (topic: string, partitions: number) => {
    for (const { address } of await nodes()) {
      const from = await share(address)
      await until(async () => (await metadata([topic], from)).topics[0]?.partitions.length === partitions)
    }
    for (let index = 0; index < partitions; index++)
      await until(async () => {
        const to = await leader(topic, index)
        const topics = [{ name: topic, partitions: [{ index, timestamp: -1 }] }]
        const { topics: answered } = await to.ask(ListOffsets, { replicaId: -1, topics })
        return answered[0]?.partitions[0]?.error === 0
      })
  }

  return {
    /** A connection to the first node. */
    any,
    metadata,
    nodes,
    node,
    leader,
    leaderOf,
    usable,
    /** Another connection to the same node, for what is to happen while one waits. */
    again: ({ address }: Connection) => open(address),

    /** A topic that nobody else uses. */
    async topic(given: Topic = {}) {
      const { partitions = 1, replication = -1, configs = {}, name = uniqueName('topic') } = given
      const ready = Object.keys(given).length ? undefined : made.pop()
      if (ready !== undefined) {
        await usable(ready, 1)
        return ready
      }
      const set = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
      const asked = { name, partitions, replication, configs: set }
      const { topics } = await any.ask(CreateTopics, { topics: [asked], timeout: 30_000 })
      if (topics[0]?.error !== 0) throw new Error(`${name} was not made: ${topics[0]?.message}`)
      await usable(name, partitions)
      return name
    },

    /** Deletes a topic; resolves when no node knows of it. */
    async remove(name: string) {
      await any.ask(DeleteTopics, { topics: [{ name }], timeout: 30_000 })
      for (const { address } of await nodes()) {
        const from = await share(address)
        await until(async () => (await metadata([name], from)).topics[0]?.error !== 0)
      }
    },

    /** Who answers for a group (type 0) or a transactional id (type 1). */
    coordinator: (key: string, type = 0) =>
      until(async () => {
        const { coordinators } = await any.ask(FindCoordinator, { type, keys: [key] })
        return coordinators[0]?.error === 0 && node(coordinators[0].node)
      }),

    close: () => opened.forEach(({ close }) => close()),
  }
}

/** Topics of one partition, by one request. */
export async function makeTopics([address = '']: string[], count: number) {
  const names = Array.from({ length: count }, () => uniqueName('plain'))
  const connection = await connect(address)
  const asked = names.map((name) => ({ name, partitions: 1, replication: -1 }))
  const { topics } = await connection.ask(CreateTopics, { topics: asked, timeout: 60_000 })
  connection.close()
  const refused = topics.find(({ error }) => error)
  if (refused) throw new Error(`${refused.name} was not made: ${refused.message}`)
  return names
}
