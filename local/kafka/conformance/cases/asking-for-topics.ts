// Requests that make, grow and delete topics.

import { said, only } from '../asking.ts'
import { type Broker, uniqueName } from '../broker.ts'
import { CreatePartitions, CreateTopics, DeleteTopics } from '../../protocol/topics.ts'

type Draft = {
  name?: string
  partitions?: number
  replication?: number
  assignments?: { index: number; brokers: number[] }[]
  configs?: { name: string; value: string | null }[]
}
export const create = async (kafka: Broker, drafts: Draft[], { validateOnly = false, version = 7 } = {}) => {
  const topics = drafts.map((draft) => ({ name: uniqueName('new'), partitions: 1, replication: -1, ...draft }))
  return (await kafka.any.ask(CreateTopics, { topics, timeout: 30_000, validateOnly }, version)).topics
}
export const grow = async (
  kafka: Broker,
  name: string,
  count: number,
  more: { assignments?: { brokers: number[] }[]; validateOnly?: boolean; version?: number } = {},
) => {
  const { assignments = null, validateOnly = false, version = 3 } = more
  const topics = [{ name, count, assignments }]
  return said(only((await kafka.any.ask(CreatePartitions, { topics, timeout: 30_000, validateOnly }, version)).topics))
}
export const remove = async (kafka: Broker, topics: { name?: string | null; id?: string }[]) => {
  const named = topics.map(({ name = null, id }) => ({ name, id }))
  return (await kafka.any.ask(DeleteTopics, { topics: named, timeout: 30_000 }, 6)).topics
}
export const idOf = async (kafka: Broker, name: string) => only((await kafka.metadata([name])).topics).id
export const firstNode = async (kafka: Broker) => only((await kafka.nodes()).slice(0, 1)).id

export const REFUSED: [string, Draft, string, string][] = [
  ['no name', { name: '' }, 'INVALID_TOPIC_EXCEPTION', 'Topic name is invalid: the empty string is not allowed'],
  ['the name .', { name: '.' }, 'INVALID_TOPIC_EXCEPTION', "Topic name is invalid: '.' is not allowed"],
  ['the name ..', { name: '..' }, 'INVALID_TOPIC_EXCEPTION', "Topic name is invalid: '..' is not allowed"],
  [
    'a name with a space',
    { name: 'a b' },
    'INVALID_TOPIC_EXCEPTION',
    "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
  ],
  [
    'a name with a slash',
    { name: 'a/b' },
    'INVALID_TOPIC_EXCEPTION',
    "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
  ],
  [
    'a name of 250 letters',
    { name: 'x'.repeat(250) },
    'INVALID_TOPIC_EXCEPTION',
    `Topic name is invalid: the length of '${'x'.repeat(250)}' is longer than the max allowed length 249`,
  ],
  [
    '0 partitions',
    { partitions: 0 },
    'INVALID_PARTITIONS',
    'Number of partitions was set to an invalid non-positive value.',
  ],
  [
    '-2 partitions',
    { partitions: -2 },
    'INVALID_PARTITIONS',
    'Number of partitions was set to an invalid non-positive value.',
  ],
  [
    '0 replicas',
    { replication: 0 },
    'INVALID_REPLICATION_FACTOR',
    'Replication factor must be larger than 0, or -1 to use the default value.',
  ],
  [
    '-2 replicas',
    { replication: -2 },
    'INVALID_REPLICATION_FACTOR',
    'Replication factor must be larger than 0, or -1 to use the default value.',
  ],
  [
    'an unknown setting',
    { configs: [{ name: 'no.such', value: '1' }] },
    'INVALID_CONFIG',
    'Unknown topic config name: no.such',
  ],
  [
    'a setting without a value',
    { configs: [{ name: 'retention.ms', value: null }] },
    'INVALID_CONFIG',
    'Null value not supported for topic configs: retention.ms',
  ],
  [
    'a setting that is no number',
    { configs: [{ name: 'retention.ms', value: 'abc' }] },
    'INVALID_CONFIG',
    'Invalid value abc for configuration retention.ms: Not a number of type LONG',
  ],
  [
    'assignments beside a number of partitions',
    { partitions: 1, assignments: [{ index: 0, brokers: [0] }] },
    'INVALID_REQUEST',
    'A manual partition assignment was specified, but numPartitions was not set to -1.',
  ],
  [
    'assignments beside a number of replicas',
    { partitions: -1, replication: 1, assignments: [{ index: 0, brokers: [0] }] },
    'INVALID_REQUEST',
    'A manual partition assignment was specified, but replication factor was not set to -1.',
  ],
  [
    'an assignment to nobody',
    { partitions: -1, assignments: [{ index: 0, brokers: [] }] },
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes an empty replica list.',
  ],
  [
    'an assignment to a broker that is none',
    { partitions: -1, assignments: [{ index: 0, brokers: [99] }] },
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes broker 99, but no such broker is registered.',
  ],
]
