// Committed offsets: kept, asked for, deleted.

import { commit, committed, failed, initProducer, only, byText } from '../asking.ts'
import { uniqueName } from '../broker.ts'
import { check } from '../check.ts'
import { OffsetCommit, OffsetDelete, OffsetFetch } from '../../protocol/committed-offsets.ts'

const NONE_YET = [-1, '']

export const committedOffsetChecks = [
  ...[2, 3, 4, 5, 6, 7, 8, 9].map((version) =>
    check(
      `OffsetCommit ${version} keeps an offset of who is in no group`,
      async (kafka) => {
        const [group, topic] = [uniqueName('group'), await kafka.topic()]
        const answer = await commit(kafka, group, { topic, offset: 7, metadata: 'note' }, { version })
        return [answer, await committed(kafka, group, topic)]
      },
      ['NONE', [7, 'note']],
    ),
  ),
  ...[1, 2, 3, 4, 5, 6, 7].map((version) =>
    check(
      `OffsetFetch ${version} of one group`,
      async (kafka) => {
        const [group, topic] = [uniqueName('group'), await kafka.topic({ partitions: 2 })]
        await commit(kafka, group, { topic, offset: 7 })
        const topics = [{ name: topic, partitions: [0, 1] }]
        const answer = await (await kafka.coordinator(group)).ask(OffsetFetch, { group, topics }, version)
        return only(answer.topics)
          .partitions.map(({ index, offset, metadata, error }) => [index, offset, metadata, error])
          .toSorted(byText)
      },
      [
        [0, 7, '', 0],
        [1, -1, '', 0],
      ],
    ),
  ),
  check(
    'all offsets of a group',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic({ partitions: 2 })]
      for (const index of [0, 1]) await commit(kafka, group, { topic, index, offset: 5 + index })
      const answer = await (await kafka.coordinator(group)).ask(OffsetFetch, { groups: [{ group, topics: null }] }, 8)
      const { topics } = only(answer.groups)
      return only(topics)
        .partitions.map(({ index, offset }) => [index, offset])
        .toSorted(byText)
    },
    [
      [0, 5],
      [1, 6],
    ],
  ),
  check(
    'a group that has committed nothing',
    async (kafka) => committed(kafka, uniqueName('group'), await kafka.topic()),
    NONE_YET,
  ),
  check(
    'the last commit counts, also where it goes back',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic()]
      for (const offset of [5, 9, 2]) await commit(kafka, group, { topic, offset })
      return committed(kafka, group, topic)
    },
    [2, ''],
  ),
  check(
    'no metadata is kept as an empty text',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic()]
      await commit(kafka, group, { topic, offset: 1, metadata: null })
      return committed(kafka, group, topic)
    },
    [1, ''],
  ),
  check(
    '4,096 letters of metadata are kept, and one more is refused',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic()]
      const of = (length: number) => commit(kafka, group, { topic, offset: 1, metadata: 'x'.repeat(length) })
      return [await of(4_096), await of(4_097)]
    },
    ['NONE', 'OFFSET_METADATA_TOO_LARGE'],
  ),
  check(
    'an unknown topic, and an unknown partition',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic()]
      return [
        await commit(kafka, group, { topic: 'conformance-nowhere', offset: 1 }),
        await commit(kafka, group, { topic, index: 9, offset: 1 }),
      ]
    },
    ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ),
  check(
    'a member of a group that is not there',
    async (kafka) => {
      const topic = await kafka.topic()
      return [
        await commit(kafka, uniqueName('group'), { topic, offset: 1 }, { member: 'one', generation: 3 }),
        await commit(kafka, uniqueName('group'), { topic, offset: 1 }, { member: 'one', generation: -1 }),
      ]
    },
    ['GROUP_ID_NOT_FOUND', 'NONE'],
  ),
  check(
    'a group may have an empty name to commit by',
    async (kafka) => {
      const topics = [{ name: await kafka.topic(), partitions: [{ index: 0, offset: 1, metadata: '' }] }]
      const asked = { group: '', generation: -1, member: '', topics }
      const answer = await (await kafka.coordinator('none')).ask(OffsetCommit, asked)
      return answer.topics.flatMap(({ partitions }) => partitions.map(failed))
    },
    ['NONE'],
  ),
  check(
    'an offset is deleted, and the others stay',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic({ partitions: 2 })]
      for (const index of [0, 1]) await commit(kafka, group, { topic, index, offset: 5 })
      const asked = { group, topics: [{ name: topic, partitions: [{ index: 0 }] }] }
      const answer = await (await kafka.coordinator(group)).ask(OffsetDelete, asked)
      const deleted = only(only(answer.topics).partitions)
      return [
        failed(answer),
        failed(deleted),
        await committed(kafka, group, topic),
        await committed(kafka, group, topic, { index: 1 }),
      ]
    },
    ['NONE', 'NONE', NONE_YET, [5, '']],
  ),
  check(
    'offsets of a group that is not there cannot be deleted',
    async (kafka) => {
      const [group, name] = [uniqueName('group'), await kafka.topic()]
      await committed(kafka, group, name)
      const asked = { group, topics: [{ name, partitions: [{ index: 0 }] }] }
      return failed(await (await kafka.coordinator(group)).ask(OffsetDelete, asked))
    },
    'GROUP_ID_NOT_FOUND',
  ),
  check(
    'offsets of a topic go with it',
    async (kafka) => {
      const [group, topic] = [uniqueName('group'), await kafka.topic()]
      await commit(kafka, group, { topic, offset: 5 })
      await kafka.remove(topic)
      await kafka.topic({ name: topic })
      await initProducer(kafka, null)
      return committed(kafka, group, topic)
    },
    NONE_YET,
  ),
]
