// Fetching: versions, offsets, and what is unknown.

import { failed, fetch, only, read } from '../asking.ts'
import { valuesOf } from '../batches.ts'
import { check } from '../check.ts'
import { filled, VERSIONS } from './fetching.ts'
import { DeleteRecords, Fetch } from '../../protocol/records.ts'

export const fetchChecks = [
  ...VERSIONS.map((version) =>
    check(
      `version ${version} reads by name`,
      async (kafka) => read(kafka, await filled(kafka, ['a', 'b']), { version }),
      { error: 'NONE', high: 2, values: ['a', 'b'] },
    ),
  ),
  ...[13, 14, 15, 16, 17].map((version) =>
    check(
      `version ${version} reads by id`,
      async (kafka) => {
        const topic = await filled(kafka, ['a'])
        const { topics } = await kafka.metadata([topic])
        const partitions = [{ index: 0, offset: 0, logStartOffset: -1, maxBytes: 1_000_000 }]
        const asked = { maxWait: 0, minBytes: 0, maxBytes: 1_000_000, isolation: 0 }
        const { id } = only(topics)
        const answer = await (await kafka.leader(topic)).ask(Fetch, { ...asked, topics: [{ id, partitions }] }, version)
        const { error, records } = only(only(answer.topics).partitions)
        return [error, valuesOf(records), only(answer.topics).id === id]
      },
      [0, ['a'], true],
    ),
  ),
  check(
    'an id that no topic has',
    async (kafka) => {
      const partitions = [{ index: 0, offset: 0, logStartOffset: -1, maxBytes: 1_000_000 }]
      const topics = [{ id: '0123456789abcdef0123456789abcdef', partitions }]
      const answer = await kafka.any.ask(
        Fetch,
        { maxWait: 0, minBytes: 0, maxBytes: 1_000_000, isolation: 0, topics },
        13,
      )
      return answer.topics.flatMap(({ partitions }) => partitions.map(failed))
    },
    ['UNKNOWN_TOPIC_ID'],
  ),
  check(
    'an unknown topic',
    async (kafka) => {
      const answer = await fetch(kafka, 'conformance-nowhere', { to: kafka.any })
      return [answer.error, answer.high, answer.values]
    },
    ['UNKNOWN_TOPIC_OR_PARTITION', -1, []],
  ),
  check(
    'an unknown partition',
    async (kafka) => {
      const topic = await kafka.topic()
      return (await fetch(kafka, topic, { index: 9, to: await kafka.leader(topic) })).error
    },
    'UNKNOWN_TOPIC_OR_PARTITION',
  ),
  check('an empty partition has nothing, and no error', async (kafka) => read(kafka, await kafka.topic()), {
    error: 'NONE',
    high: 0,
    values: [],
  }),
  check('at the end there is nothing yet', async (kafka) => read(kafka, await filled(kafka, ['a']), { offset: 1 }), {
    error: 'NONE',
    high: 1,
    values: [],
  }),
  ...[2, 1_000_000, -1, -2].map((offset) =>
    check(
      `offset ${offset} is out of range of one record`,
      async (kafka) => (await fetch(kafka, await filled(kafka, ['a']), { offset })).error,
      'OFFSET_OUT_OF_RANGE',
    ),
  ),
  check(
    'an offset within a batch gets the whole batch',
    async (kafka) => read(kafka, await filled(kafka, ['a', 'b', 'c'], ['d']), { offset: 1 }),
    { error: 'NONE', high: 4, values: ['a', 'b', 'c', 'd'] },
  ),
  check(
    'an offset before the first that is kept is out of range',
    async (kafka) => {
      const topic = await filled(kafka, ['a'], ['b'], ['c'])
      const topics = [{ name: topic, partitions: [{ index: 0, offset: 2 }] }]
      await (await kafka.leader(topic)).ask(DeleteRecords, { topics, timeout: 30_000 })
      const gone = await fetch(kafka, topic, { offset: 1 })
      const kept = await fetch(kafka, topic, { offset: 2 })
      return [gone.error, gone.values, kept.error, kept.start, kept.values]
    },
    ['OFFSET_OUT_OF_RANGE', [], 'NONE', 2, ['c']],
  ),
]
