// Producing: what is refused, and what the broker fills in.

import { fetch, produce, produceBatch, byText } from '../asking.ts'
import { batchOf, NOW } from '../batches.ts'
import { until } from '../broker.ts'
import { check } from '../check.ts'
import { orClosed } from '../connection.ts'
import { brief } from './producing.ts'
import { seal } from '../../batch.ts'
import { Produce } from '../../protocol/records.ts'

const HOUR = 3_600_000

export const produceRuleChecks = [
  check(
    'a wrong checksum is refused',
    async (kafka) => {
      const batch = batchOf(['a'])
      batch.writeInt8(batch.readInt8(66) ^ 1, 66)
      return brief(await produceBatch(kafka, await kafka.topic(), [batch]))
    },
    ['CORRUPT_MESSAGE', -1],
  ),
  check(
    'a batch of an unknown format is refused',
    async (kafka) => {
      const batch = batchOf(['a'])
      batch.writeInt8(9, 16)
      return brief(await produceBatch(kafka, await kafka.topic(), [batch]))
    },
    ['CORRUPT_MESSAGE', -1],
  ),
  check(
    'two batches for one partition are refused',
    async (kafka) => {
      const topic = await kafka.topic()
      return brief(await produceBatch(kafka, topic, [batchOf(['a']), batchOf(['b'])]))
    },
    ['INVALID_RECORD', -1],
  ),
  check(
    'no batch for a partition is refused',
    async (kafka) => brief(await produceBatch(kafka, await kafka.topic(), [])),
    ['INVALID_RECORD', -1],
  ),
  check(
    'a marker of a transaction is no producer’s to write',
    async (kafka) => brief(await produce(kafka, await kafka.topic(), ['a'], { control: true })),
    ['INVALID_RECORD', -1],
  ),
  check(
    'fewer records than the header counts are refused',
    async (kafka) => {
      const batch = batchOf(['a'])
      batch.writeInt32BE(4, 23)
      batch.writeInt32BE(5, 57)
      return brief(await produceBatch(kafka, await kafka.topic(), [seal(batch)]))
    },
    ['INVALID_RECORD', -1],
  ),
  check(
    'fewer records than there would be room for are refused',
    async (kafka) => {
      const batch = batchOf(['a'.repeat(100)])
      batch.writeInt32BE(1, 23)
      batch.writeInt32BE(2, 57)
      return brief(await produceBatch(kafka, await kafka.topic(), [seal(batch)]))
    },
    ['INVALID_RECORD', -1],
  ),
  check(
    'offsets that do not follow one another are refused',
    async (kafka) => {
      const batch = batchOf(['a', 'b'])
      batch.writeInt32BE(7, 23)
      return brief(await produceBatch(kafka, await kafka.topic(), [seal(batch)]))
    },
    ['INVALID_RECORD', -1],
  ),
  check(
    'an unknown topic and an unknown partition are told, the others are written',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.leader(topic)
      const records = () => [batchOf(['a'])]
      const topics = [
        {
          name: topic,
          partitions: [
            { index: 7, records: records() },
            { index: 0, records: records() },
          ],
        },
        { name: 'conformance-nowhere', partitions: [{ index: 0, records: records() }] },
      ]
      const answer = await to.ask(Produce, { transactionalId: null, acks: 1, timeout: 1_000, topics })
      return answer.topics
        .flatMap(({ name, partitions }) =>
          partitions.map(({ index, error, baseOffset }) => [name === topic, index, error, baseOffset]),
        )
        .toSorted(byText)
    },
    [
      [false, 0, 3, -1],
      [true, 0, 0, 0],
      [true, 7, 3, -1],
    ],
  ),
  check(
    'LogAppendTime stamps what comes, and says so',
    async (kafka) => {
      const topic = await kafka.topic({ configs: { 'message.timestamp.type': 'LogAppendTime' } })
      const { error, logAppendTime } = await produce(kafka, topic, [{ value: 'a', timestamp: 5 }])
      const { batches } = await fetch(kafka, topic)
      const [batch] = batches
      return [
        error,
        logAppendTime >= NOW,
        batch?.header.maxTimestamp === logAppendTime,
        (batch?.header.attributes ?? 0) & 8,
      ]
    },
    ['NONE', true, true, 8],
  ),
  check(
    'CreateTime says nothing of the time, and where the log begins',
    async (kafka) => {
      const { logAppendTime, logStartOffset } = await produce(kafka, await kafka.topic(), ['a'])
      return [logAppendTime, logStartOffset]
    },
    [-1, 0],
  ),
  check(
    'the leader fills in its epoch and the offset of a batch',
    async (kafka) => {
      const topic = await kafka.topic()
      await produce(kafka, topic, ['a'])
      await produce(kafka, topic, ['b'])
      const { batches } = await fetch(kafka, topic)
      return batches.map(({ header }) => [header.offset, header.leaderEpoch])
    },
    [
      [0, 0],
      [1, 0],
    ],
  ),
  check(
    'a record without a key is refused where the topic is compacted, and told',
    async (kafka) => {
      const topic = await kafka.topic({ configs: { 'cleanup.policy': 'compact' } })
      const refused = await produce(kafka, topic, [{ key: 'a', value: 'x' }, { value: 'y' }], { version: 9 })
      return [brief(refused), refused.recordErrors.map(({ index }) => index)]
    },
    [['INVALID_RECORD', -1], [1]],
  ),
  check(
    'a time that is too far ahead is refused, and told',
    async (kafka) => {
      const sent = [{ value: 'a' }, { value: 'b', timestamp: Date.now() + 2 * HOUR }]
      const refused = await produce(kafka, await kafka.topic(), sent, { version: 9 })
      return [brief(refused), refused.recordErrors.map(({ index }) => index)]
    },
    [['INVALID_TIMESTAMP', -1], [1]],
  ),
  check(
    'a request without topics is answered without any',
    async (kafka) =>
      orClosed(
        kafka.any
          .ask(Produce, { transactionalId: null, acks: 1, timeout: 1_000, topics: [] })
          .then(({ topics }) => topics),
      ),
    [],
  ),
  check(
    'more in-sync replicas than there can be are not asked for',
    async (kafka) => {
      const topic = await kafka.topic({ replication: 1, configs: { 'min.insync.replicas': '3' } })
      return brief(await produce(kafka, topic, ['a']))
    },
    ['NONE', 0],
  ),
  check(
    'a topic that is deleted takes nothing more',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.leader(topic)
      await kafka.remove(topic)
      return until(async () => {
        const { error } = await produce(kafka, topic, ['a'], { to, acks: 1 })
        return error !== 'NONE' && error !== 'NOT_LEADER_OR_FOLLOWER' && error
      })
    },
    'UNKNOWN_TOPIC_OR_PARTITION',
  ),
]
