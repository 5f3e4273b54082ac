import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { murmur2, partitionOf } from './murmur2.ts'

const partitioner = Partitioners.DefaultPartitioner()
const byKafkaJS = (key: Buffer, partitions: number) =>
  partitioner({
    topic: 'any',
    message: { key, value: null },
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    })),
  })

test('a key has the partition that the producer gives it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
      expect(partitionOf(key, partitions)).toBe(byKafkaJS(Buffer.from(key), partitions))
    }),
    { numRuns: 2_000 },
  )
})

// From Kafka's own tests: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('%s has the hash that Java gives it', (key, hash) => {
  expect(murmur2(Buffer.from(key)).hash).toBe(hash)
})

test('each step shows the bytes that it mixed in, and the last one the hash', () => {
  const { hash, steps } = murmur2(Buffer.from('12345'))
  expect(steps.flatMap(({ bytes }) => bytes)).toEqual([...Buffer.from('12345')])
  expect(steps.at(-1)?.hash).toBe(hash)
})
