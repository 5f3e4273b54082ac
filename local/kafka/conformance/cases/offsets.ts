// Where records lie: ListOffsets, DeleteRecords and OffsetForLeaderEpoch.

import { failed, fetch, listOffset, only, produce } from '../asking.ts'
import { NOW } from '../batches.ts'
import type { Broker } from '../broker.ts'
import { check } from '../check.ts'
import { DeleteRecords, OffsetForLeaderEpoch } from '../../protocol/records.ts'

const [LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL, LATEST_TIERED] = [-1, -2, -3, -4, -5]

const timed = async (kafka: Broker, ...times: number[]) => {
  const topic = await kafka.topic()
  await produce(
    kafka,
    topic,
    times.map((time, i) => ({ value: `${i}`, timestamp: NOW + time })),
  )
  return topic
}
const found = ({ error, offset, timestamp }: Awaited<ReturnType<typeof listOffset>>) => [
  error,
  offset,
  timestamp < 0 ? timestamp : timestamp - NOW,
]

const remove = async (kafka: Broker, name: string, offset: number, { index = 0, version = 2 } = {}) => {
  const to = await kafka.leader(name)
  const topics = [{ name, partitions: [{ index, offset }] }]
  const answer = await to.ask(DeleteRecords, { topics, timeout: 30_000 }, version)
  const partition = only(only(answer.topics).partitions)
  return [failed(partition), partition.lowWatermark]
}

const endOfEpoch = async (kafka: Broker, name: string, epoch: number, currentEpoch = -1, index = 0) => {
  const topics = [{ name, partitions: [{ index, currentEpoch, epoch }] }]
  const answer = await (await kafka.leader(name)).ask(OffsetForLeaderEpoch, { replicaId: -1, topics }, 4)
  const partition = only(only(answer.topics).partitions)
  return [failed(partition), partition.epoch, partition.endOffset]
}

export const offsetChecks = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((version) =>
    check(
      `ListOffsets ${version} finds the end`,
      async (kafka) => found(await listOffset(kafka, await timed(kafka, 0, 1), LATEST, { version })),
      ['NONE', 2, -1],
    ),
  ),
  check(
    'the start of an empty partition is its end',
    async (kafka) => {
      const topic = await kafka.topic()
      return [found(await listOffset(kafka, topic, EARLIEST)), found(await listOffset(kafka, topic, LATEST))]
    },
    [
      ['NONE', 0, -1],
      ['NONE', 0, -1],
    ],
  ),
  check(
    'a time finds the first record that reaches it, within a batch',
    async (kafka) => {
      const topic = await timed(kafka, 0, 10, 20, 30)
      const at = async (time: number) => found(await listOffset(kafka, topic, NOW + time))
      return [await at(-5), await at(10), await at(11), await at(30)]
    },
    [
      ['NONE', 0, 0],
      ['NONE', 1, 10],
      ['NONE', 2, 20],
      ['NONE', 3, 30],
    ],
  ),
  check(
    'a time behind all records finds none',
    async (kafka) => found(await listOffset(kafka, await timed(kafka, 0), NOW + 1)),
    ['NONE', -1, -1],
  ),
  check(
    'times that do not rise: the first that reaches it, by offset',
    async (kafka) => {
      const topic = await timed(kafka, 30, 10, 20)
      return [found(await listOffset(kafka, topic, NOW + 15)), found(await listOffset(kafka, topic, NOW + 5))]
    },
    [
      ['NONE', 0, 30],
      ['NONE', 0, 30],
    ],
  ),
  check(
    'a time over several batches',
    async (kafka) => {
      const topic = await timed(kafka, 0, 10)
      await produce(kafka, topic, [
        { value: 'c', timestamp: NOW + 20 },
        { value: 'd', timestamp: NOW + 40 },
      ])
      return found(await listOffset(kafka, topic, NOW + 25))
    },
    ['NONE', 3, 40],
  ),
  check(
    'a time in compressed batches',
    async (kafka) => {
      const topic = await kafka.topic()
      const sent = [0, 10, 20].map((time) => ({ value: `${time}`, timestamp: NOW + time }))
      await produce(kafka, topic, sent, { codec: 'gzip' })
      await produce(
        kafka,
        topic,
        sent.map(({ value, timestamp }) => ({ value, timestamp: timestamp + 100 })),
        { codec: 'zstd' },
      )
      return [found(await listOffset(kafka, topic, NOW + 5)), found(await listOffset(kafka, topic, NOW + 115))]
    },
    [
      ['NONE', 1, 10],
      ['NONE', 5, 120],
    ],
  ),
  check(
    'the latest time: the first record that has it',
    async (kafka) => found(await listOffset(kafka, await timed(kafka, 0, 30, 10, 30), MAX_TIMESTAMP)),
    ['NONE', 1, 30],
  ),
  check(
    'the latest time of an empty partition',
    async (kafka) => found(await listOffset(kafka, await kafka.topic(), MAX_TIMESTAMP)),
    ['NONE', -1, -1],
  ),
  check(
    'the start of what lies on this broker',
    async (kafka) => found(await listOffset(kafka, await timed(kafka, 0), EARLIEST_LOCAL)),
    ['NONE', 0, -1],
  ),
  check(
    'the end of what is tiered: there is none',
    async (kafka) => found(await listOffset(kafka, await timed(kafka, 0), LATEST_TIERED)),
    ['NONE', -1, -1],
  ),
  check(
    'a time after the first records were deleted',
    async (kafka) => {
      const topic = await timed(kafka, 0, 10, 20)
      await remove(kafka, topic, 2)
      return [found(await listOffset(kafka, topic, NOW)), found(await listOffset(kafka, topic, EARLIEST))]
    },
    [
      ['NONE', 2, 20],
      ['NONE', 2, -1],
    ],
  ),
  check(
    'an unknown topic and partition',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.leader(topic)
      return [
        found(await listOffset(kafka, 'conformance-nowhere', LATEST, { to })),
        found(await listOffset(kafka, topic, LATEST, { to, index: 5 })),
      ]
    },
    [
      ['UNKNOWN_TOPIC_OR_PARTITION', -1, -1],
      ['UNKNOWN_TOPIC_OR_PARTITION', -1, -1],
    ],
  ),
  check(
    'a later epoch of the leader than there is',
    async (kafka) => (await listOffset(kafka, await kafka.topic(), LATEST, { leaderEpoch: 9 })).error,
    'UNKNOWN_LEADER_EPOCH',
  ),

  ...[0, 1, 2].map((version) =>
    check(
      `DeleteRecords ${version} answers where the log begins`,
      async (kafka) => {
        const topic = await timed(kafka, 0, 1, 2)
        return [await remove(kafka, topic, 2, { version }), (await listOffset(kafka, topic, EARLIEST)).offset]
      },
      [['NONE', 2], 2],
    ),
  ),
  check(
    'all records are deleted by -1, and the next gets the next offset',
    async (kafka) => {
      const topic = await timed(kafka, 0, 1, 2)
      const removed = await remove(kafka, topic, -1)
      const { baseOffset } = await produce(kafka, topic, ['d'])
      return [removed, baseOffset]
    },
    [['NONE', 3], 3],
  ),
  check(
    'what is deleted already stays so',
    async (kafka) => {
      const topic = await timed(kafka, 0, 1, 2)
      await remove(kafka, topic, 2)
      return remove(kafka, topic, 1)
    },
    ['NONE', 2],
  ),
  check(
    'records that do not exist cannot be deleted',
    async (kafka) => {
      const topic = await timed(kafka, 0)
      return [await remove(kafka, topic, 2), await remove(kafka, topic, -2)]
    },
    [
      ['OFFSET_OUT_OF_RANGE', -1],
      ['OFFSET_OUT_OF_RANGE', -1],
    ],
  ),
  check('records of an unknown partition', async (kafka) => remove(kafka, await kafka.topic(), 0, { index: 3 }), [
    'UNKNOWN_TOPIC_OR_PARTITION',
    -1,
  ]),
  check(
    'a batch is whole though its first records are deleted',
    async (kafka) => {
      const topic = await timed(kafka, 0, 1, 2)
      await remove(kafka, topic, 1)
      const { values, start } = await fetch(kafka, topic, { offset: 1 })
      return [start, values]
    },
    [1, ['0', '1', '2']],
  ),

  check(
    'an epoch of a leader ends at the end of the log while it lasts',
    async (kafka) => endOfEpoch(kafka, await timed(kafka, 0, 1), 0),
    ['NONE', 0, 2],
  ),
  check('an epoch that is yet to come has no end', async (kafka) => endOfEpoch(kafka, await timed(kafka, 0), 5), [
    'NONE',
    -1,
    -1,
  ]),
  check('an epoch in an empty partition', async (kafka) => endOfEpoch(kafka, await kafka.topic(), 0), ['NONE', 0, 0]),
  check(
    'an epoch, asked by whom knows of a later leader',
    async (kafka) => endOfEpoch(kafka, await timed(kafka, 0), 0, 7),
    ['UNKNOWN_LEADER_EPOCH', -1, -1],
  ),
  check('an epoch of an unknown partition', async (kafka) => endOfEpoch(kafka, await kafka.topic(), 0, -1, 8), [
    'UNKNOWN_TOPIC_OR_PARTITION',
    -1,
    -1,
  ]),
]
