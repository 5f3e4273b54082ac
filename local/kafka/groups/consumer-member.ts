// What a member of a KIP-848 group is, and which of its requests make no sense.

import { fail } from '../errors.ts'
import { matcher } from '../pattern.ts'
import type { ConsumerGroupHeartbeat } from '../protocol/consumer-groups.ts'
import type { RequestOf } from '../protocol/types.ts'
import { checkAssignor } from './assignors.ts'

export type Heartbeat = RequestOf<typeof ConsumerGroupHeartbeat>

/** `assigned`: what it may consume, with the epoch in which it got each. `revoking`: what it has yet to give back. */
export type ConsumerMember = {
  id: string
  instance: string | null
  rack: string | null
  clientId: string
  clientHost: string
  epoch: number
  previousEpoch: number
  away: boolean // a static member that said it will be back
  rebalanceTimeout: number
  topics: string[]
  regex: string
  assignor: string | null
  assigned: Map<string, number>
  revoking: Set<string>
  session?: NodeJS.Timeout
  revocation?: NodeJS.Timeout
}

export const LEAVE = -1
export const LEAVE_FOR_NOW = -2
const PATTERN = 'SubscribedTopicRegex'
const MAX_SUBSCRIPTION = 1024 * 1024 // characters of all names in it

/** Throws where the request contradicts itself, in the words of Apache Kafka 4.3.1. */
export function checkHeartbeat(request: Heartbeat, version: number) {
  const { group, member, epoch, instance, rebalanceTimeout, topics, regex, owned, assignor } = request
  const refuse = (message: string) => fail('INVALID_REQUEST', message)
  if (!group) refuse("GroupId can't be empty.")
  if (!member && (version > 0 || epoch !== 0)) refuse("MemberId can't be empty.")
  if (instance === '') refuse("InstanceId can't be empty.")
  if (epoch < LEAVE_FOR_NOW) refuse('MemberEpoch is invalid.')
  if (epoch === LEAVE_FOR_NOW && instance === null) refuse("InstanceId can't be null.")
  if ((topics ?? []).reduce((sum, name) => sum + name.length + 1, 0) > MAX_SUBSCRIPTION) refuse('Too many topics.')
  if (regex) matcher(regex, PATTERN)
  if (epoch !== 0) return
  if (rebalanceTimeout === -1) refuse('RebalanceTimeoutMs must be provided in first request.')
  if (owned === null || owned.length) refuse('TopicPartitions must be empty when (re-)joining.')
  if (topics === null && regex === null)
    refuse('Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.')
  if (assignor !== null) checkAssignor(assignor)
}

/** Which of the names the member is subscribed to. */
export function subscribed({ topics, regex }: Pick<ConsumerMember, 'topics' | 'regex'>, names: string[]) {
  const [named, matches] = [new Set(topics), regex ? matcher(regex, PATTERN) : undefined]
  return names.filter((name) => named.has(name) || matches?.(name))
}
