// Whether a topic that is asked for can be made, in the words of Apache Kafka 4.3.1 where it cannot.

import { fail } from './errors.ts'

const MAX_NAME = 249

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

/** Which brokers hold each partition, as it is asked for: all partitions by as many, and by those that there are. */
export function checkAssignment(assignment: number[][], nodes: { id: number }[]) {
  const refuse = (because: string) => fail('INVALID_REPLICA_ASSIGNMENT', because)
  const includes = 'The manual partition assignment includes'
  const [first = []] = assignment
  for (const brokers of assignment) {
    if (!brokers.length) refuse(`${includes} an empty replica list.`)
    const sorted = brokers.toSorted((a, b) => a - b)
    const twice = sorted.find((id, i) => id === sorted[i + 1])
    if (twice !== undefined) refuse(`${includes} the broker ${twice} more than once.`)
    const absent = sorted.find((id) => !nodes.some((node) => node.id === id))
    if (absent !== undefined) refuse(`${includes} broker ${absent}, but no such broker is registered.`)
    if (brokers.length !== first.length)
      refuse(
        `${includes} a partition with ${brokers.length} replica(s), but this is not consistent with previous ` +
          `partitions, which have ${first.length} replica(s).`,
      )
  }
}

type Wanted = { partitions: number; replication: number; assignments: { index: number; brokers: number[] }[] }

/** The same for a new topic, whose assignments stand in the place of its numbers. */
export function checkAssignments({ partitions, replication, assignments }: Wanted, nodes: { id: number }[]) {
  const instead = (what: string) => `A manual partition assignment was specified, but ${what} was not set to -1.`
  if (replication !== -1) fail('INVALID_REQUEST', instead('replication factor'))
  if (partitions !== -1) fail('INVALID_REQUEST', instead('numPartitions'))
  const ordered = assignments.toSorted((a, b) => a.index - b.index)
  checkAssignment(
    ordered.map(({ brokers }) => brokers),
    nodes,
  )
  if (ordered.some(({ index }, i) => index !== i))
    fail('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence')
}

export function checkIncrease(name: string, before: number, count: number) {
  if (count === before) fail('INVALID_PARTITIONS', `Topic already has ${count} partition(s).`)
  if (count < before)
    fail(
      'INVALID_PARTITIONS',
      `The topic ${name} currently has ${before} partition(s); ${count} would not be an increase.`,
    )
}
