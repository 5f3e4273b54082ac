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

const placeOf = (topic: string, partition: number | string) => `${topic}:${partition}`

type Wanted = { topics: string[]; groups: string[] }

/**
 * One look by a connected admin: at the topics that are there of those wanted, and at the groups that read them. Throws
 * what KafkaJS throws.
 */
export async function look(admin: Admin, wanted: Wanted): Promise<KafkaLook> {
  const { brokers, controller, clusterId } = await admin.describeCluster()
  const known = await admin.listTopics() // to ask for one that is not there would make it
  const topics = await lookAtTopics(admin, wanted.topics.filter((name) => known.includes(name)).slice(0, MOST_TOPICS))
  const { groups, leftOut } = await lookAtGroups(
    admin,
    wanted,
    topics.map(({ name }) => name),
  )
  return { brokers, controller, clusterId, topics, groups, groupsLeftOut: leftOut }
}

async function lookAtTopics(admin: Admin, names: string[]): Promise<TopicEnds[]> {
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

async function lookAtGroups(admin: Admin, wanted: Wanted, topics: string[]) {
  const listed = (await admin.listGroups()).groups.filter(
    ({ protocolType }) => protocolType === 'consumer' || protocolType === '',
  )
  // There may be thousands, at each look: they are not compared as words are.
  const names = listed
    .map(({ groupId }) => groupId)
    .sort((a, b) => rank(a, wanted) - rank(b, wanted) || (a < b ? -1 : 1))
  const shown = names.slice(0, MOST_GROUPS)
  if (!shown.length) return { groups: [], leftOut: 0 }
  const described = (await admin.describeGroups(shown)).groups
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
  return { groups: concerned, leftOut: names.length - shown.length }
}

/** The groups that are wanted come first, the others by name. */
const rank = (groupId: string, { groups }: Wanted) =>
  groups.includes(groupId) ? groups.indexOf(groupId) : groups.length

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
