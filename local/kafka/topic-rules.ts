// What a topic may be called, and how many partitions and replicas it may have: in the words of Apache Kafka 4.3.1.

import { fail } from './errors.ts'
import type { Topic } from './partition.ts'
import { isInternal } from './topic-names.ts'

const MAX_NAME = 249
const MAX_PARTITIONS = 10_000 // of a topic
const MAX_ALL_PARTITIONS = 20_000

export function checkTopicName(name: string) {
  const refuse = (because: string) => fail('INVALID_TOPIC_EXCEPTION', `Topic name is invalid: ${because}`)
  if (name === '') refuse('the empty string is not allowed')
  if (name === '.' || name === '..') refuse(`'${name}' is not allowed`)
  if (name.length > MAX_NAME) refuse(`the length of '${name}' is longer than the max allowed length ${MAX_NAME}`)
  if (!/^[\w.-]+$/.test(name))
    refuse(`'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`)
}

/** `partitions` and `replication` of a request, where they may be -1 for the default. */
export function checkCounts(partitions: number, replication: number) {
  if (replication < -1 || replication === 0)
    fail('INVALID_REPLICATION_FACTOR', 'Replication factor must be larger than 0, or -1 to use the default value.')
  if (partitions < -1 || partitions === 0)
    fail('INVALID_PARTITIONS', 'Number of partitions was set to an invalid non-positive value.')
}

export function checkNewTopic(name: string, count: number, replication: number, brokers: number) {
  if (isInternal(name)) fail('INVALID_REQUEST', `Creation of internal topic ${name} is prohibited.`)
  if (count < 1 || count > MAX_PARTITIONS)
    fail('INVALID_PARTITIONS', `Number of partitions must be from 1 to ${MAX_PARTITIONS}.`)
  if (replication < 1 || replication > brokers)
    fail('INVALID_REPLICATION_FACTOR', `Replication factor: ${replication} larger than available brokers: ${brokers}.`)
}

export function checkGrowth({ name, partitions }: Topic, count: number) {
  const { length } = partitions
  if (count === length) fail('INVALID_PARTITIONS', `Topic already has ${length} partition(s).`)
  if (count < length) {
    const message = `The topic ${name} currently has ${length} partition(s); ${count} would not be an increase.`
    fail('INVALID_PARTITIONS', message)
  }
  if (count > MAX_PARTITIONS) fail('INVALID_PARTITIONS', `A topic has at most ${MAX_PARTITIONS} partitions here.`)
}

/** Throws where there is no room for `more` partitions beside those that there are. */
export function checkRoom(present: number, more: number) {
  if (present + more > MAX_ALL_PARTITIONS)
    fail('POLICY_VIOLATION', `There may be ${MAX_ALL_PARTITIONS} partitions here in all.`)
}
