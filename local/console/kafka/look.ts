// What Kafka itself says of topics and groups: so the page shows groups that nobody here has started, too.

import { type Admin, AssignerProtocol } from 'kafkajs'

type Broker = { nodeId: number; host: string; port: number }
type PartitionEnds = { partition: number; leader: number; replicas: number[]; isr: number[]; low: number; high: number }
export type TopicEnds = { name: string; partitions: PartitionEnds[] }
type GroupMember = { memberId: string; clientId: string; host: string; assignment: { [topic: string]: number[] } }
export type Group = {
  groupId: string
  state: string
  members: GroupMember[]
  /** By 'topic:partition'; a partition that is not in it has no committed offset, which is not 0. */
  committed: { [partition: string]: number }
}

/** What one look has seen. */
export type KafkaLook = {
  brokers: Broker[]
  controller: number | null
  clusterId: string
  topics: TopicEnds[]
  groups: Group[]
  /** Groups that are not described, as there are too many. */
  groupsLeftOut: number
}

const MOST_GROUPS = 30
const MOST_TOPICS = 8
/** Where there are too many groups, as 15,000, the list of them costs more than all else. */
const LIST_EVERY = 5_000 // ms

const placeOf = (topic: string, partition: number | string) => `${topic}:${partition}`

type Wanted = { topics: string[]; groups: string[] }

/** By a connected admin. */
type Eyes = Pick<
  Admin,
  | 'describeCluster'
  | 'listTopics'
  | 'fetchTopicMetadata'
  | 'fetchTopicOffsets'
  | 'listGroups'
  | 'describeGroups'
  | 'fetchOffsets'
>

/**
 * Gives what looks once: at the topics that are there of those wanted, and at the groups that read them. It throws what
 * KafkaJS throws.
 */
export function openLook() {
  let listed: { at: number; names: string[] } | undefined

  /** All groups. */
  async function namesOf(admin: Eyes) {
    if (listed && listed.names.length > MOST_GROUPS && Date.now() < listed.at + LIST_EVERY) return listed.names
    const { groups } = await admin.listGroups()
    const consumers = groups.filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
    // There may be thousands: they are not compared as words are.
    listed = { at: Date.now(), names: consumers.map(({ groupId }) => groupId).sort() }
    return listed.names
  }
  return async (admin: Eyes, wanted: Wanted) => look(admin, wanted, () => namesOf(admin))
}

async function look(admin: Eyes, wanted: Wanted, namesOf: () => Promise<string[]>): Promise<KafkaLook> {
  const { brokers, controller, clusterId } = await admin.describeCluster()
  const known = await admin.listTopics() // to ask for one that is not there would make it
  const topics = await lookAtTopics(admin, wanted.topics.filter((name) => known.includes(name)).slice(0, MOST_TOPICS))
  const { groups, leftOut } = await lookAtGroups(
    admin,
    wanted,
    topics.map(({ name }) => name),
    await namesOf(),
  )
  return { brokers, controller, clusterId, topics, groups, groupsLeftOut: leftOut }
}

async function lookAtTopics(admin: Eyes, names: string[]): Promise<TopicEnds[]> {
  if (!names.length) return []
  const { topics } = await admin.fetchTopicMetadata({ topics: names })
  const ends = await Promise.all(names.map((name) => admin.fetchTopicOffsets(name)))
  return names.map((name, i) => ({
    name,
    partitions: (topics.find((topic) => topic.name === name)?.partitions ?? [])
      .map(({ partitionId: partition, leader, replicas, isr }) => {
        const end = ends[i]?.find((each) => each.partition === partition)
        return { partition, leader, replicas, isr, low: Number(end?.low ?? 0), high: Number(end?.high ?? 0) }
      })
      .sort((a, b) => a.partition - b.partition),
  }))
}

/** The groups that are wanted come first, whether they are listed already or not; the others by name. */
async function lookAtGroups(admin: Eyes, wanted: Wanted, topics: string[], names: string[]) {
  const others = names.filter((name) => !wanted.groups.includes(name))
  const shown = [...wanted.groups, ...others.slice(0, Math.max(0, MOST_GROUPS - wanted.groups.length))]
  // One that is not there is described as dead.
  const described = (await admin.describeGroups(shown)).groups.filter(({ state }) => state !== 'Dead')
  const groups = await Promise.all(
    described.map(async ({ groupId, state, members }): Promise<Group> => {
      const offsets = topics.length ? await admin.fetchOffsets({ groupId, topics }) : []
      const committed = offsets.flatMap(({ topic, partitions }) =>
        partitions
          .filter(({ offset }) => offset !== '-1')
          .map(({ partition, offset }) => [placeOf(topic, partition), Number(offset)] as const),
      )
      return { groupId, state, members: members.map(readMember), committed: Object.fromEntries(committed) }
    }),
  )
  const concerned = groups.filter((group) => wanted.groups.includes(group.groupId) || reads(group, topics))
  return { groups: concerned, leftOut: Math.max(0, others.length + wanted.groups.length - shown.length) }
}

const reads = ({ members, committed }: Group, topics: string[]) =>
  Object.keys(committed).length > 0 ||
  members.some(({ assignment }) => topics.some((topic) => assignment[topic]?.length))

type Described = { memberId: string; clientId: string; clientHost: string; memberAssignment: Buffer }

function readMember({ memberId, clientId, clientHost, memberAssignment }: Described): GroupMember {
  const assignment = memberAssignment.length
    ? AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment
    : undefined
  return { memberId, clientId, host: clientHost.replace(/^\//, ''), assignment: assignment ?? {} }
}
