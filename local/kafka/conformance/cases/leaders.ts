// Several nodes, and leaders that move from one to another.

import { fetch, listOffset, only, produce, read, byText } from '../asking.ts'
import { type Broker, until } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { ElectLeaders } from '../../protocol/leaders.ts'
import { OffsetForLeaderEpoch } from '../../protocol/records.ts'

const THREE = 3

/** A topic on all nodes with a record, and its leader moved to another node. */
async function moved(kafka: Broker) {
  const topic = await kafka.topic({ replication: 3 })
  await produce(kafka, topic, ['a'])
  const before = await kafka.leaderOf(topic)
  const former = await kafka.leader(topic)
  const to = before.replicas.find((id) => id !== before.leader) ?? -1
  await kafka.moveLeader(topic, to)
  // A node learns on its own that it leads no more, and another that it leads.
  await until(async () => (await listOffset(kafka, topic, -1, { to: former })).error === 'NOT_LEADER_OR_FOLLOWER')
  await until(async () => (await listOffset(kafka, topic, -1)).error === 'NONE')
  return { topic, before, after: await kafka.leaderOf(topic), former }
}

export const leaderChecks = [
  check(
    'each partition has a leader among its replicas, all in sync',
    async (kafka) => {
      const topic = await kafka.topic({ partitions: 3, replication: 3 })
      const { topics } = await kafka.metadata([topic])
      return only(topics).partitions.map(({ leader, replicas, isr, offline }) => [
        replicas.includes(leader),
        replicas.length,
        isr.length,
        offline,
      ])
    },
    [
      [true, 3, 3, []],
      [true, 3, 3, []],
      [true, 3, 3, []],
    ],
    THREE,
  ),
  check(
    'who leads no more says so, and the next one has all records',
    async (kafka) => {
      const { topic, former, before, after } = await moved(kafka)
      const refused = await produce(kafka, topic, ['b'], { to: former })
      const written = await produce(kafka, topic, ['b'])
      return [
        refused.error,
        (await listOffset(kafka, topic, -1, { to: former })).error,
        [written.error, written.baseOffset],
        after.leader !== before.leader,
        await read(kafka, topic),
      ]
    },
    [
      'NOT_LEADER_OR_FOLLOWER',
      'NOT_LEADER_OR_FOLLOWER',
      ['NONE', 1],
      true,
      { error: 'NONE', high: 2, values: ['a', 'b'] },
    ],
    THREE,
  ),
  check(
    'a new leader begins a new epoch, and its records bear it',
    async (kafka) => {
      const { topic, before, after } = await moved(kafka)
      await produce(kafka, topic, ['b'])
      const { batches } = await fetch(kafka, topic)
      return [
        after.leaderEpoch > before.leaderEpoch,
        batches.map(({ header }) => header.leaderEpoch - before.leaderEpoch > 0),
      ]
    },
    [true, [false, true]],
    THREE,
  ),
  check(
    'who knows the former epoch is fenced, and a later one is unknown',
    async (kafka) => {
      const { topic, before, after } = await moved(kafka)
      const at = async (leaderEpoch: number) => (await fetch(kafka, topic, { leaderEpoch })).error
      return [await at(before.leaderEpoch), await at(after.leaderEpoch), await at(after.leaderEpoch + 1)]
    },
    ['FENCED_LEADER_EPOCH', 'NONE', 'UNKNOWN_LEADER_EPOCH'],
    THREE,
  ),
  check(
    'the former epoch ends where the next one begins',
    async (kafka) => {
      const { topic, before, after } = await moved(kafka)
      await produce(kafka, topic, ['b'])
      const topics = [
        { name: topic, partitions: [{ index: 0, currentEpoch: after.leaderEpoch, epoch: before.leaderEpoch }] },
      ]
      const answer = await (await kafka.leader(topic)).ask(OffsetForLeaderEpoch, { replicaId: -1, topics }, 4)
      const { error, epoch, endOffset } = only(only(answer.topics).partitions)
      return [errorName(error), epoch === before.leaderEpoch, endOffset]
    },
    ['NONE', true, 1],
    THREE,
  ),
  check(
    'a node that holds no replica does not answer for it',
    async (kafka) => {
      const topic = await kafka.topic({ replication: 1 })
      const { leader } = await kafka.leaderOf(topic)
      const other = (await kafka.nodes()).find(({ id }) => id !== leader)
      const to = await kafka.node(other?.id ?? -1)
      return [
        (await fetch(kafka, topic, { to })).error,
        (await produce(kafka, topic, ['a'], { to })).error,
        (await listOffset(kafka, topic, -1, { to })).error,
      ]
    },
    ['NOT_LEADER_OR_FOLLOWER', 'NOT_LEADER_OR_FOLLOWER', 'NOT_LEADER_OR_FOLLOWER'],
    THREE,
  ),
  check(
    'no election is needed where the preferred leader leads',
    async (kafka) => {
      const topic = await kafka.topic({ replication: 3 })
      const topics = [
        { name: topic, partitions: [0] },
        { name: 'conformance-nowhere', partitions: [0] },
      ]
      const { error, results } = await kafka.any.ask(ElectLeaders, { type: 0, topics, timeout: 30_000 })
      return [
        errorName(error),
        results.flatMap(({ partitions }) => partitions.map((each) => errorName(each.error))).toSorted(byText),
      ]
    },
    ['NONE', ['ELECTION_NOT_NEEDED', 'UNKNOWN_TOPIC_OR_PARTITION']],
    THREE,
  ),
]
