// What the page shows, as data: GET /api/state answers it, the stream sends the parts of it that have changed.
// Everything here is pure; who looks at Postgres, Kafka and the members is elsewhere.

import type { Member } from '../consumers/reports.ts'
import type { DatabaseLook } from './database.ts'
import type { Group, KafkaLook, TopicEnds } from './kafka/look.ts'
import type { Ring, SeenRecord } from './kafka/ring.ts'
import type { LoadView } from './load.ts'
import type { RequestView } from './products.ts'
import type { Replay } from './replays.ts'
import type { Chapter } from './story.ts'
import type { View } from './watch.ts'

/** What does not change while the console runs. */
export type About = {
  /** Made anew with each start, so that a page of before loads itself again. */
  start: string
  api: string
  database: string
  kafka: string
  /** The topics, and what each is for. */
  topics: { name: string; role: 'created' | 'changed' | 'dead letters' }[]
  apps: string[]
  readerGroup: string
  /** Whether the broker can be paused from here, or the sentence why not. */
  canPause: true | string
  /** Whether members can be started from here, or the sentence why not. */
  canRun: true | string
}

type Cell = { offset: number; key: string | null; type: string; at: number }
export type PartitionState = {
  partition: number
  leader: number
  replicas: number[]
  isr: number[]
  low: number
  high: number
  /** The newest, oldest first. */
  records: Cell[]
}
export type TopicState = { name: string; partitions: PartitionState[] }

type GroupPartition = {
  topic: string
  partition: number
  /** null: nothing was ever committed, which is not 0. */
  committed: number | null
  end: number
  lag: number | null
  /** The member that has it. */
  owner: string | null
}
export type GroupMember = {
  name: string
  /** What Kafka calls it; null where Kafka does not know it. */
  memberId: string | null
  host: string
  /** As 'topic:partition'. */
  partitions: string[]
  /** What its supervisor knows, for members that were started here. */
  here: Pick<
    Member,
    'state' | 'pid' | 'generation' | 'isLeader' | 'counts' | 'slow' | 'restarts' | 'held' | 'lastError'
  > | null
}
export type GroupState = {
  groupId: string
  kind: 'app' | 'reader' | 'other'
  /** As Kafka says it; '' where Kafka does not know the group. */
  state: string
  members: GroupMember[]
  partitions: GroupPartition[]
  lag: number | null
  /**
   * How old the oldest record is that the group has not committed; 0 where there is none, null where it is not known.
   */
  behindMs: number | null
  trend: 'growing' | 'shrinking' | 'steady'
  /** The highest of each quarter of a minute, the last 15 minutes. */
  history: number[]
}

export type State = {
  about: About
  postgres: Pick<View<Omit<DatabaseLook, 'clock'>>, 'seen' | 'trouble'>
  kafka: Pick<View<KafkaLook>, 'trouble'> & { paused: boolean; broker: Omit<KafkaLook, 'topics' | 'groups'> | null }
  topics: TopicState[]
  groups: GroupState[]
  story: Chapter[]
  /** Groups that were moved back. */
  replays: Replay[]
  load: LoadView
  /** When each experiment was seen to happen, by its name. */
  experiments: { [name: string]: number }
  requests: RequestView[]
}

const CELLS = 28

/** The last cells of each partition. A topic that is wanted but not there is not in the list. */
export const describeTopics = (topics: TopicEnds[], ring: Ring): TopicState[] =>
  topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((ends) => ({
      ...ends,
      records: ring
        .of(name, ends.partition)
        .filter(({ offset }) => offset >= ends.low)
        .slice(-CELLS)
        .map(describeCell),
    })),
  }))

const describeCell = (record: SeenRecord): Cell => ({
  offset: record.offset,
  key: record.key && clip(record.key.toString()),
  type: headerOf(record, 'ce_type') ?? '',
  at: record.timestamp,
})

const clip = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** Of several headers with one name the last counts, as in Kafka's own `Headers.lastHeader`. */
export const headerOf = ({ headers }: Pick<SeenRecord, 'headers'>, name: string) =>
  headers.findLast(([each]) => each === name)?.[1]?.toString()

type Known = {
  topics: TopicEnds[]
  groups: Group[]
  members: Member[]
  apps: string[]
  readerGroup: string
  ring: Ring
  history: (groupId: string) => number[]
  now: number
}

/** Groups as Kafka knows them, with what the supervisor knows of their members; and apps that have no group yet. */
export function describeGroups({ groups, members, apps, readerGroup, ...known }: Known): GroupState[] {
  const ids = [...new Set([...apps, ...members.map(({ groupId }) => groupId), ...groups.map(({ groupId }) => groupId)])]
  return ids.map((groupId) => {
    const group = groups.find((each) => each.groupId === groupId)
    const kind = groupId === readerGroup ? 'reader' : apps.includes(groupId) ? 'app' : 'other'
    return {
      groupId,
      kind,
      ...describeGroup(
        group,
        members.filter((member) => member.groupId === groupId),
        { ...known, groupId },
      ),
    }
  })
}

type AroundGroup = Pick<Known, 'topics' | 'ring' | 'history' | 'now'> & { groupId: string }

function describeGroup(group: Group | undefined, here: Member[], { groupId, topics, ring, history, now }: AroundGroup) {
  const members = joinMembers(group, here)
  const reads = readTopics(group, here)
  const partitions = topics
    .filter(({ name }) => reads.has(name))
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partition, low, high }): GroupPartition => {
        const place = `${name}:${partition}`
        const committed = group?.committed[place] ?? null
        const owner = members.find((member) => member.partitions.includes(place))?.name ?? null
        // Where nothing is committed, the group will begin with the oldest record, unless it says otherwise.
        const lag = committed === null ? (high === low ? 0 : null) : Math.max(0, high - Math.max(committed, low))
        return { topic: name, partition, committed, end: high, lag, owner }
      }),
    )
  const lags = partitions.map(({ lag }) => lag)
  const points = history(groupId)
  return {
    state: group?.state ?? '',
    members,
    partitions,
    lag: !group || lags.includes(null) ? null : lags.reduce((sum: number, lag) => sum + (lag ?? 0), 0),
    behindMs: behind(partitions, ring, now),
    trend: trendOf(points),
    history: points,
  }
}

function joinMembers(group: Group | undefined, here: Member[]): GroupMember[] {
  const known = (group?.members ?? []).map(({ memberId, clientId, host, assignment }): GroupMember => {
    const own = here.find((member) => member.memberId === memberId)
    return {
      name: own?.name ?? clientId,
      memberId,
      host,
      partitions: placesOf(assignment),
      here: own ? pick(own) : null,
    }
  })
  const others = here
    .filter(({ memberId }) => memberId === null || !known.some((member) => member.memberId === memberId))
    .map((member): GroupMember => ({
      name: member.name,
      memberId: null,
      host: '',
      partitions: placesOf(member.assignment),
      here: pick(member),
    }))
  return [...known, ...others].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

const pick = ({ state, pid, generation, isLeader, counts, slow, restarts, held, lastError }: Member) => ({
  state,
  pid,
  generation,
  isLeader,
  counts,
  slow,
  restarts,
  held,
  lastError,
})

const placesOf = (assignment: { [topic: string]: number[] }) =>
  Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.toSorted((a, b) => a - b).map((partition) => `${topic}:${partition}`),
  )

/** Topics of which a group has committed or holds something. */
const readTopics = (group: Group | undefined, here: Member[]) =>
  new Set([
    ...Object.keys(group?.committed ?? {}).map((place) => place.slice(0, place.lastIndexOf(':'))),
    ...(group?.members ?? []).flatMap(({ assignment }) => Object.keys(assignment)),
    ...here.flatMap(({ assignment }) => Object.keys(assignment)),
  ])

function behind(partitions: GroupPartition[], ring: Ring, now: number) {
  let oldest = now
  for (const { topic, partition, committed, lag } of partitions) {
    if (lag === 0) continue
    const record = committed === null ? undefined : ring.of(topic, partition).find(({ offset }) => offset >= committed)
    if (!record) return null
    oldest = Math.min(oldest, record.timestamp)
  }
  return Math.max(0, Math.floor((now - oldest) / 1_000) * 1_000) // each change is sent to every page
}

/** Over the last seconds. */
function trendOf(points: number[]): GroupState['trend'] {
  const [before, last] = [points.at(-2) ?? 0, points.at(-1) ?? 0]
  return last > before ? 'growing' : last < before ? 'shrinking' : 'steady'
}
