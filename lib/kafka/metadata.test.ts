import { expect, test } from 'vitest'
import { leaderOf, newClusterView, takeMetadata } from './metadata.ts'

const int16 = (n: number) => Buffer.from([(n >> 8) & 255, n & 255])
const int32 = (n: number) => Buffer.concat([int16(n >> 16), int16(n)])
const string = (text: string) => Buffer.concat([int16(text.length), Buffer.from(text)])
const list = (...items: Buffer[]) => Buffer.concat([int32(items.length), ...items])
const node = (id: number, host: string, port: number) =>
  Buffer.concat([int32(id), string(host), int32(port), int16(-1)])
const partition = (error: number, index: number, leader: number) =>
  Buffer.concat([int16(error), int32(index), int32(leader), list(int32(1), int32(2)), list(int32(1)), list()])
const topic = (error: number, name: string, ...partitions: Buffer[]) =>
  Buffer.concat([int16(error), string(name), Buffer.from([0]), list(...partitions)])

/** As in version 6: https://kafka.apache.org/protocol#The_Messages_Metadata */
const metadata = (...topics: Buffer[]) =>
  Buffer.concat([
    int32(0), // size
    int32(7), // correlation id
    int32(0), // throttle time
    list(node(1, 'one', 9092), node(2, 'two', 9093)),
    string('cluster'),
    int32(1),
    list(...topics),
  ])

test('leaders are known, also where one is missing, and KafkaJS is told of no error', () => {
  const view = newClusterView()
  const answer = metadata(topic(0, 'a', partition(0, 1, 2), partition(5, 0, -1), partition(0, 2, 9)), topic(3, 'b'))
  takeMetadata(answer, view)
  expect([0, 1, 2, 3].map((index) => leaderOf(view, 'a', index))).toEqual([undefined, 'two:9093', undefined, undefined])
  expect(view.topics.get('a')?.leaders).toHaveLength(3)
  expect(view.topics.get('b')).toEqual({ error: 3, leaders: [] })
  expect(answer).toEqual(
    metadata(topic(0, 'a', partition(0, 1, 2), partition(0, 0, -1), partition(0, 2, 9)), topic(0, 'b')),
  )
})

test('what is told of one topic leaves what is known of others', () => {
  const view = newClusterView()
  takeMetadata(metadata(topic(0, 'a', partition(0, 0, 1))), view)
  takeMetadata(metadata(topic(0, 'b', partition(0, 0, 2))), view)
  expect([leaderOf(view, 'a', 0), leaderOf(view, 'b', 0)]).toEqual(['one:9092', 'two:9093'])
})
