// Fetching: bounds, long polls, epochs and sessions.

import { failed, fetch, fetchAll, only, produce, produceBatch, read } from '../asking.ts'
import { batchOf } from '../batches.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { ENOUGH, filled, several } from './fetching.ts'
import { Fetch } from '../../protocol/records.ts'

export const fetchBoundChecks = [
  check(
    'max_bytes of a partition cuts between batches, and the first comes whole',
    async (kafka) => {
      const topic = await filled(kafka, ['a'.repeat(500)], ['b'.repeat(500)], ['c'.repeat(500)])
      const whole = async (partitionBytes: number) =>
        (await fetch(kafka, topic, { partitionBytes })).batches.filter(({ data }) => data.length > 500).length
      return [await whole(1), await whole(700), await whole(1_200), await whole(5_000)]
    },
    [1, 1, 2, 3],
  ),
  check(
    'max_bytes of the request bounds all of it, and the first batch comes whole',
    async (kafka) => {
      const topic = await filled(kafka, ['a'.repeat(500)], ['b'.repeat(500)])
      const { values } = await fetch(kafka, topic, { maxBytes: 1, partitionBytes: 10_000 })
      return values.map((value) => value.length)
    },
    [500],
  ),
  check(
    'partitions behind the one that fills the answer come empty',
    async (kafka) => {
      const topic = await kafka.topic({ partitions: 2, replication: 1 })
      for (const index of [0, 1]) await produce(kafka, topic, [`${index}`.repeat(300)], { index })
      const [first, second] = await Promise.all([0, 1].map((index) => kafka.leaderOf(topic, index)))
      if (first?.leader !== second?.leader) return [1, 0] // each answers for its own
      const answer = await several(kafka, topic, [0, 1], { maxBytes: 100 })
      return answer.map(([, values]) => values?.length)
    },
    [1, 0],
  ),
  check(
    'a long poll is answered when something comes',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.again(await kafka.leader(topic))
      const polled = read(kafka, topic, { to, maxWait: ENOUGH })
      await produce(kafka, topic, ['late'])
      return polled
    },
    { error: 'NONE', high: 1, values: ['late'] },
  ),
  check(
    'a long poll waits for min_bytes',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.again(await kafka.leader(topic))
      const polled = read(kafka, topic, { to, maxWait: ENOUGH, minBytes: 200 })
      await produce(kafka, topic, ['a'])
      await produce(kafka, topic, ['b'.repeat(200)])
      return (await polled).values.map((value) => value.length)
    },
    [1, 200],
  ),
  check(
    'max_wait ends it with what there is',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      const began = performance.now()
      const answer = await read(kafka, topic, { maxWait: 300, minBytes: 1_000_000 })
      return [performance.now() - began >= 290, answer]
    },
    [true, { error: 'NONE', high: 1, values: ['a'] }],
  ),
  check(
    'min_bytes 0 does not wait',
    async (kafka) => read(kafka, await kafka.topic(), { minBytes: 0, maxWait: ENOUGH }),
    { error: 'NONE', high: 0, values: [] },
  ),
  check(
    'an error does not wait',
    async (kafka) => (await fetch(kafka, await kafka.topic(), { offset: 5, maxWait: ENOUGH })).error,
    'OFFSET_OUT_OF_RANGE',
  ),
  check(
    'no partitions do not wait',
    async (kafka) => (await kafka.any.ask(Fetch, { maxWait: ENOUGH, minBytes: 1, maxBytes: 1, topics: [] }, 12)).topics,
    [],
  ),
  check(
    'an older epoch of the leader is fenced, a later one is unknown',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      const { leaderEpoch } = await kafka.leaderOf(topic)
      const at = async (epoch: number) => (await fetch(kafka, topic, { leaderEpoch: epoch })).error
      return [await at(leaderEpoch), await at(leaderEpoch + 1)]
    },
    ['NONE', 'UNKNOWN_LEADER_EPOCH'],
  ),
  check(
    'a reader that tells the epoch of what it read last',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      const { leaderEpoch } = await kafka.leaderOf(topic)
      const partition = {
        index: 0,
        leaderEpoch,
        offset: 1,
        lastFetchedEpoch: leaderEpoch,
        logStartOffset: -1,
        maxBytes: 1_000,
      }
      const asked = { maxWait: 0, minBytes: 0, maxBytes: 1_000, topics: [{ name: topic, partitions: [partition] }] }
      const { topics } = await (await kafka.leader(topic)).ask(Fetch, asked, 12)
      return failed(only(only(topics).partitions))
    },
    'NONE',
  ),
  check(
    'a follower that is none is not served',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      const partitions = [{ index: 0, offset: 0, logStartOffset: 0, maxBytes: 1_000 }]
      const asked = { replicaId: 77, maxWait: 0, minBytes: 0, maxBytes: 1_000, topics: [{ name: topic, partitions }] }
      const { topics } = await (await kafka.leader(topic)).ask(Fetch, asked, 11)
      return failed(only(only(topics).partitions))
    },
    'NOT_LEADER_OR_FOLLOWER',
  ),
  check(
    'a topic named twice',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      return several(kafka, topic, [0, 0], { maxBytes: 1_000 })
    },
    [['NONE', ['a']]],
  ),
  check(
    'a session is given to who begins one, and what has not changed is left out',
    async (kafka) => {
      const topic = await filled(kafka, ['a'])
      const to = await kafka.leader(topic)
      const partitions = [{ index: 0, offset: 1, logStartOffset: -1, maxBytes: 1_000 }]
      const asked = { maxWait: 0, minBytes: 0, maxBytes: 1_000, sessionEpoch: 0, topics: [{ name: topic, partitions }] }
      const first = await to.ask(Fetch, asked, 12)
      const next = { ...asked, sessionId: first.sessionId, sessionEpoch: 1, topics: [] }
      const second = await to.ask(Fetch, next, 12)
      return [first.sessionId !== 0, first.topics.length, errorName(second.error), second.topics.length]
    },
    [true, 1, 'NONE', 0],
  ),
  check(
    'a session that nobody has begun',
    async (kafka) => {
      const asked = { maxWait: 0, minBytes: 0, maxBytes: 1_000, sessionId: 12_345, sessionEpoch: 1, topics: [] }
      return failed(await kafka.any.ask(Fetch, asked, 12))
    },
    'FETCH_SESSION_ID_NOT_FOUND',
  ),
  check(
    'without a session there is none in the answer',
    async (kafka) => {
      const answer = await fetchAll(kafka, await filled(kafka, ['a']))
      return [answer.error, answer.sessionId]
    },
    [0, 0],
  ),
  check(
    'what is as large as one answer may be comes as it was sent',
    async (kafka) => {
      const topic = await kafka.topic({ configs: { 'max.message.bytes': '5000000' } })
      const sent = batchOf(['x'.repeat(4_000_000)])
      await produceBatch(kafka, topic, [sent])
      const { batches } = await fetch(kafka, topic)
      return batches.map(({ data }) => data.subarray(16).equals(sent.subarray(16)))
    },
    [true],
  ),
]
