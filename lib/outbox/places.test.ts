import { expect, test } from 'vitest'
import { newClusterView } from '../kafka/metadata.ts'
import { partitionOf, place } from './places.ts'
import type { PendingEvent } from './rows.ts'

// murmur2 of Kafka's UtilsTest, modulo 3:
// https://github.com/apache/kafka/blob/4.3.1/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java
test.each([
  ['21', 0],
  ['foobar', 0],
  ['a-little-bit-long-string', 2],
  ['a-little-bit-longer-string', 2],
  ['abc', 0],
])("the key %s goes where Java's clients send it", (key, partition) => {
  expect(partitionOf('topic', key, 3)).toBe(partition)
})

const view = {
  ...newClusterView(),
  nodes: new Map([[1, 'one:9092']]),
  topics: new Map([['a', { error: 0, leaders: [1, -1, 1] }]]),
}
let id = 0
const event = (key: string, target: string | null = null, type = 'a'): PendingEvent => ({
  id: ++id,
  type,
  key,
  payload: '',
  size: 0,
  headers: {},
  at: 0,
  target,
})
const sort = (events: PendingEvent[], ...held: string[]) => {
  const { places, waiting, topics } = place(events, view, ({ type }) => type, new Set(held))
  const sent = places.map(({ target, address, events }) => [target, address, events.map(({ id }) => id)])
  return { sent, waiting, topics: [...topics].map(([topic, events]) => [topic, events.map(({ id }) => id)]) }
}
const ZERO = 'abc' // keys of partition 0, 1 and 2
const ONE = 'c'
const TWO = 'a-little-bit-long-string'

test('events go to their partitions in order, also to one that has no leader', () => {
  expect(partitionOf('a', ONE, 3)).toBe(1)
  const events = [event(ZERO), event(ONE), event(TWO), event(ZERO)]
  const [a, b, c, d] = events.map(({ id }) => id)
  expect(sort(events)).toEqual({
    sent: [
      ['a:0', 'one:9092', [a, d]],
      ['a:1', undefined, [b]],
      ['a:2', 'one:9092', [c]],
    ],
    waiting: [],
    topics: [],
  })
})

test('an event waits behind those that wait for its partition, and others do not', () => {
  const [first, second, third] = [event(ZERO), event(TWO), event(ZERO, 'a:0')]
  expect(sort([first, second, third], 'a:0')).toEqual({
    sent: [
      ['a:2', 'one:9092', [second.id]],
      ['a:0', 'one:9092', [third.id]],
    ],
    waiting: [{ id: first.id, target: 'a:0' }],
    topics: [],
  })
})

test('all events of a topic wait behind those that wait for the topic, and those go on to wait for their partition', () => {
  const [fresh, ofTopic, ofPartition, free] = [event(ZERO), event(ZERO, 'a'), event(ZERO, 'a:0'), event(TWO, 'a')]
  expect(sort([fresh, ofTopic, ofPartition, free], 'a', 'a:0')).toEqual({
    sent: [
      ['a:0', 'one:9092', [ofPartition.id]],
      ['a:2', 'one:9092', [free.id]],
    ],
    waiting: [
      { id: fresh.id, target: 'a' },
      { id: ofTopic.id, target: 'a:0' },
    ],
    topics: [],
  })
})

test('events of a topic that Kafka does not know are told apart', () => {
  const [known, unknown] = [event(ZERO), event(ZERO, null, 'b')]
  expect(sort([known, unknown])).toMatchObject({
    sent: [['a:0', 'one:9092', [known.id]]],
    topics: [['b', [unknown.id]]],
  })
})
