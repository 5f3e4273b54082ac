// What a topic may be called, and how many partitions and replicas it may have.

import { fail } from './errors.ts'
import type { Topic } from './partition.ts'
import { isInternal, isTopicName } from './topic-names.ts'

const MAX_PARTITIONS = 10_000 // of a topic
const MAX_ALL_PARTITIONS = 20_000

export function checkNewTopic(name: string, count: number, replication: number, brokers: number) {
  if (!isTopicName(name)) fail('INVALID_TOPIC_EXCEPTION')
  if (isInternal(name)) fail('INVALID_REQUEST', `Creation of internal topic ${name} is prohibited.`)
  if (count < 1 || count > MAX_PARTITIONS)
    fail('INVALID_PARTITIONS', `Number of partitions must be from 1 to ${MAX_PARTITIONS}.`)
  if (replication < 1 || replication > brokers)
    fail('INVALID_REPLICATION_FACTOR', `Replication factor: ${replication} larger than available brokers: ${brokers}.`)
}

export function checkGrowth({ name, partitions }: Topic, count: number) {
  const { length } = partitions
  if (count === length) fail('INVALID_PARTITIONS', `Topic already has ${length} partition(s).`)
  if (count < length || count > MAX_PARTITIONS) {
    const message = `The topic ${name} currently has ${length} partition(s); ${count} would not be an increase.`
    fail('INVALID_PARTITIONS', message)
  }
}

/** Throws where there is no room for `more` partitions beside those that there are. */
export function checkRoom(present: number, more: number) {
  if (present + more > MAX_ALL_PARTITIONS)
    fail('POLICY_VIOLATION', `There may be ${MAX_ALL_PARTITIONS} partitions here in all.`)
}
