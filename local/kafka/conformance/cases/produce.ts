// Producing: acknowledgements, versions, codecs and sizes.

import { only, fetch, produce, produceBatch } from '../asking.ts'
import { batchOf, NOW } from '../batches.ts'
import { check } from '../check.ts'
import { brief, readTo, VERSIONS } from './producing.ts'
import { Produce } from '../../protocol/records.ts'

export const produceChecks = [
  ...[1, -1].map((acks) =>
    check(
      `acks=${acks} answers where the records begin, one batch after the other`,
      async (kafka) => {
        const topic = await kafka.topic()
        const first = await produce(kafka, topic, ['a', 'b', 'c'], { acks })
        return [brief(first), brief(await produce(kafka, topic, ['d'], { acks })), await readTo(kafka, topic, 4)]
      },
      [['NONE', 0], ['NONE', 3], { error: 'NONE', high: 4, values: ['a', 'b', 'c', 'd'] }],
    ),
  ),
  check(
    'acks=0 is not answered, and what follows on the connection is',
    async (kafka) => {
      const topic = await kafka.topic()
      const to = await kafka.leader(topic)
      const topics = [{ name: topic, partitions: [{ index: 0, records: [batchOf(['a'])] }] }]
      to.tell(Produce, { transactionalId: null, acks: 0, timeout: 1_000, topics })
      const next = await produce(kafka, topic, ['b'])
      return [brief(next), await readTo(kafka, topic, 2)]
    },
    [['NONE', 1], { error: 'NONE', high: 2, values: ['a', 'b'] }],
  ),
  check(
    'acks=0 that fails closes the connection',
    async (kafka) => {
      const { id } = only((await kafka.nodes()).slice(0, 1))
      const to = await kafka.again(await kafka.node(id))
      const topics = [{ name: 'conformance-nowhere', partitions: [{ index: 0, records: [batchOf(['a'])] }] }]
      to.tell(Produce, { transactionalId: null, acks: 0, timeout: 1_000, topics })
      return to.closed
    },
    'connection closed',
  ),
  ...[2, -2, 100].map((acks) =>
    check(
      `acks=${acks} is refused`,
      async (kafka) => brief(await produce(kafka, await kafka.topic(), ['a'], { acks })),
      ['INVALID_REQUIRED_ACKS', -1],
    ),
  ),
  ...VERSIONS.map((version) =>
    check(
      `version ${version} writes and answers`,
      async (kafka) => brief(await produce(kafka, await kafka.topic(), ['a', 'b'], { version })),
      ['NONE', 0],
    ),
  ),
  ...(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map((codec) =>
    check(
      `${codec} is kept as it was sent`,
      async (kafka) => {
        const topic = await kafka.topic()
        const values = ['x'.repeat(200), 'y'.repeat(300)]
        const sent = batchOf(values, { codec })
        const { error } = await produceBatch(kafka, topic, [sent])
        const { batches } = await fetch(kafka, topic)
        const [kept] = batches
        const same = kept && sent.subarray(16).equals(kept.data.subarray(16))
        return [error, kept?.codec, same, kept?.records.map(({ value }) => String(value)).join() === values.join()]
      },
      ['NONE', codec, true, true],
    ),
  ),
  check(
    'zstd is for version 7 and later',
    async (kafka) => brief(await produce(kafka, await kafka.topic(), ['a'], { codec: 'zstd', version: 6 })),
    ['UNSUPPORTED_COMPRESSION_TYPE', -1],
  ),
  check(
    'keys, headers and timestamps are kept, nulls and nothing apart',
    async (kafka) => {
      const topic = await kafka.topic()
      const headers: [string, string][] = [
        ['h', '1'],
        ['h', '2'],
      ]
      await produce(kafka, topic, [
        { key: 'k', value: 'v', timestamp: NOW, headers },
        { key: '', value: null, timestamp: NOW - 5 },
      ])
      const { batches } = await fetch(kafka, topic)
      return batches[0]?.records.map(({ key, value, timestamp }) => [
        key && String(key),
        value && String(value),
        timestamp - NOW,
      ])
    },
    [
      ['k', 'v', 0],
      ['', null, -5],
    ],
  ),
  check(
    'a batch over max.message.bytes is refused, and one of the size is taken',
    async (kafka) => {
      const batch = batchOf(['x'.repeat(100)])
      const topic = await kafka.topic({ configs: { 'max.message.bytes': `${batch.length}` } })
      const larger = await produceBatch(kafka, topic, [batchOf(['x'.repeat(101)])])
      return [brief(larger), brief(await produceBatch(kafka, topic, [batch]))]
    },
    [
      ['MESSAGE_TOO_LARGE', -1],
      ['NONE', 0],
    ],
  ),
  check(
    'a megabyte in one record, which is the usual bound',
    async (kafka) => {
      const topic = await kafka.topic()
      const batch = batchOf(['x'.repeat(1_048_588 - 61 - 14)])
      const [fits, over] = [batch, batchOf(['x'.repeat(1_048_588)])]
      return [
        fits.length <= 1_048_588,
        brief(await produceBatch(kafka, topic, [fits])),
        brief(await produceBatch(kafka, topic, [over])),
      ]
    },
    [true, ['NONE', 0], ['MESSAGE_TOO_LARGE', -1]],
  ),
]
