// What a member of a group of KIP-848 asks.

import { only, byText } from '../asking.ts'
import { type Broker, settled, uniqueName, until } from '../broker.ts'
import { errorName } from '../error-names.ts'
import { ConsumerGroupDescribe, ConsumerGroupHeartbeat } from '../../protocol/consumer-groups.ts'

export const TOO_EARLY = ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']
type Owned = { id: string; partitions: number[] }[]
type Beat = {
  member?: string
  epoch?: number
  instance?: string | null
  rebalanceTimeout?: number
  topics?: string[] | null
  assignor?: string | null
  owned?: Owned | null
  version?: number
  regex?: string | null
}
export async function beat(kafka: Broker, group: string, { version = 1, ...given }: Beat = {}) {
  const joins = (given.epoch ?? 0) === 0
  const first = { rebalanceTimeout: 60_000, topics: [], owned: [] }
  const later = { rebalanceTimeout: -1, topics: null, owned: null }
  const asked = { group, member: 'one', epoch: 0, instance: null, rack: null, assignor: null, regex: null }
  const to = await kafka.coordinator(group || 'none')
  return settled(
    () => to.ask(ConsumerGroupHeartbeat, { ...asked, ...(joins ? first : later), ...given }, version),
    ...TOO_EARLY,
  )
}
export const shareOf = ({ assignment }: { assignment: { topics: Owned } | null }) =>
  assignment?.topics.flatMap(({ partitions }) => partitions).toSorted(byText) ?? null

/**
 * Beats until the member has as many partitions, giving back what it is to give back. `before` is the epoch that it had
 * before its last one, if it has gone on at all.
 */
export async function settle(
  kafka: Broker,
  group: string,
  member: string,
  epoch: number,
  count: number,
  owned: Owned = [],
) {
  let [now, has] = [epoch, owned]
  let before: number | undefined
  await until(async () => {
    const answer = await beat(kafka, group, { member, epoch: now, owned: has })
    if (answer.error) throw new Error(errorName(answer.error))
    if (answer.epoch !== now) before = now
    now = answer.epoch
    if (answer.assignment) has = answer.assignment.topics
    return has.reduce((sum, { partitions }) => sum + partitions.length, 0) === count
  })
  await beat(kafka, group, { member, epoch: now, owned: has }) // it has given back the rest
  return { epoch: now, before, owned: has }
}
/** A group of one member that has all partitions of a topic. */
export async function single(
  kafka: Broker,
  { partitions = 2, instance = null }: { partitions?: number; instance?: string | null } = {},
) {
  const group = uniqueName('group')
  const topic = await kafka.topic({ partitions })
  const joined = await beat(kafka, group, { topics: [topic], instance })
  const had = joined.assignment?.topics ?? []
  const { epoch, owned } = had.length
    ? { epoch: joined.epoch, owned: had }
    : await settle(kafka, group, 'one', joined.epoch, partitions)
  return { group, topic, epoch, owned, joined }
}
/**
 * A member that got the partitions of `other` in an epoch after its `first`. `before` is the epoch before that: the
 * first, or one in which the coordinator did not know of `other` yet.
 */
export async function advanced(kafka: Broker) {
  const { group, topic, epoch: first, owned } = await single(kafka)
  const other = await kafka.topic({ partitions: 2 })
  const next = await beat(kafka, group, { epoch: first, topics: [topic, other], owned })
  const had = next.assignment?.topics ?? owned
  const { epoch, before = first, owned: all } = await settle(kafka, group, 'one', next.epoch, 4, had)
  return { group, topic, other, first, before, epoch, owned, all }
}
export async function describe(kafka: Broker, group: string) {
  const asked = { groups: [group], groupOperations: false }
  return only((await (await kafka.coordinator(group)).ask(ConsumerGroupDescribe, asked)).groups)
}

export const REFUSED: [string, Beat, string, string][] = [
  ['no id of a member', { member: '' }, 'INVALID_REQUEST', "MemberId can't be empty."],
  ['an empty name of an instance', { instance: '' }, 'INVALID_REQUEST', "InstanceId can't be empty."],
  [
    'no time to rebalance in',
    { rebalanceTimeout: -1 },
    'INVALID_REQUEST',
    'RebalanceTimeoutMs must be provided in first request.',
  ],
  [
    'partitions of one that joins',
    { owned: [{ id: '0123456789abcdef0123456789abcdef', partitions: [0] }] },
    'INVALID_REQUEST',
    'TopicPartitions must be empty when (re-)joining.',
  ],
  [
    'no subscription',
    { topics: null },
    'INVALID_REQUEST',
    'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
  ],
  ['an epoch below -2', { epoch: -3 }, 'INVALID_REQUEST', 'MemberEpoch is invalid.'],
  ['leaving for now without a name', { epoch: -2 }, 'INVALID_REQUEST', "InstanceId can't be null."],
  [
    'an assignor that nobody knows',
    { assignor: 'best' },
    'UNSUPPORTED_ASSIGNOR',
    'ServerAssignor best is not supported. Supported assignors: uniform, range.',
  ],
]
