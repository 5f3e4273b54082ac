import { expect, test } from 'vitest'
import { newMember } from '../consumers/members.ts'
import type { Member } from '../consumers/reports.ts'
import type { Group, TopicEnds } from './kafka/look.ts'
import { openRing, type SeenRecord } from './kafka/ring.ts'
import { describeGroups, describeTopics } from './state.ts'

const NOW = 1_700_000_100_000

const partition = (partition: number, high: number, low = 0) => ({
  partition,
  leader: 0,
  replicas: [0],
  isr: [0],
  low,
  high,
})
const topics: TopicEnds[] = [{ name: 'products.created', partitions: [partition(0, 100), partition(1, 5)] }]

const record = (offset: number, more: Partial<SeenRecord> = {}): SeenRecord => ({
  topic: 'products.created',
  partition: 0,
  offset,
  timestamp: NOW - 4_000,
  key: Buffer.from('1'),
  value: Buffer.from('{}'),
  size: 2,
  headers: [['ce_type', Buffer.from('product.created')]],
  readAt: NOW,
  live: true,
  ...more,
})

const group = (more: Partial<Group> = {}): Group => ({
  groupId: 'stock',
  state: 'Stable',
  members: [],
  committed: {},
  ...more,
})

function describe(groups: Group[], members: Member[] = [], ring = openRing()) {
  const known = {
    topics,
    groups,
    members,
    apps: ['stock'],
    readerGroup: 'console-1',
    ring,
    history: () => [],
    now: NOW,
  }
  return describeGroups(known)
}

test('the newest cells of a partition are shown, and no more of them than fit', () => {
  const ring = openRing()
  for (let offset = 0; offset < 100; offset++) ring.take(record(offset))
  const cells = describeTopics(topics, ring)[0]?.partitions[0]?.records ?? []
  expect(cells.length).toBeLessThan(40)
  expect(cells.at(-1)).toEqual({ offset: 99, key: '1', type: 'product.created', at: NOW - 4_000 })
})

test('what Kafka has deleted at the beginning is no cell', () => {
  const ring = openRing()
  for (let offset = 90; offset < 100; offset++) ring.take(record(offset))
  const [topic] = describeTopics([{ name: 'products.created', partitions: [partition(0, 100, 95)] }], ring)
  expect(topic?.partitions[0]?.records.map(({ offset }) => offset)).toEqual([95, 96, 97, 98, 99])
})

test('lag is the end minus what is committed, and unknown where nothing is committed', () => {
  const [stock] = describe([group({ committed: { 'products.created:0': 60 } })])
  expect(stock?.partitions).toMatchObject([
    { partition: 0, committed: 60, end: 100, lag: 40 },
    { partition: 1, committed: null, end: 5, lag: null },
  ])
  expect(stock?.lag).toBeNull()
  expect(describe([group({ committed: { 'products.created:0': 60, 'products.created:1': 5 } })])[0]?.lag).toBe(40)
})

test('a group is as many seconds behind as its oldest record that is not committed is old', () => {
  const ring = openRing()
  ring.take(record(60, { timestamp: NOW - 9_000 }))
  ring.take(record(61))
  const committed = { 'products.created:0': 60, 'products.created:1': 5 }
  expect(describe([group({ committed })], [], ring)[0]?.behindMs).toBe(9_000)
  expect(describe([group({ committed: { 'products.created:0': 100, 'products.created:1': 5 } })])[0]?.behindMs).toBe(0)
  expect(describe([group({ committed })])[0]?.behindMs).toBeNull() // its record is older than what was read
})

test('a member that Kafka knows and that was started here is one member', () => {
  const members = [
    { memberId: 'stock-1-uuid', clientId: 'stock-1', host: '127.0.0.1', assignment: { 'products.created': [1, 0] } },
  ]
  const here: Member = { ...newMember('stock', 'stock-1', 'stock'), memberId: 'stock-1-uuid', state: 'working', pid: 7 }
  const [stock] = describe([group({ members })], [here])
  expect(stock?.members).toMatchObject([
    { name: 'stock-1', partitions: ['products.created:0', 'products.created:1'], here: { state: 'working', pid: 7 } },
  ])
  expect(stock?.partitions.map(({ owner }) => owner)).toEqual(['stock-1', 'stock-1'])
})

test('a member that idles, one that was killed, and one of elsewhere are all shown', () => {
  const elsewhere = { memberId: 'b', clientId: 'other', host: '10.0.0.1', assignment: {} }
  const killed: Member = { ...newMember('stock', 'stock-10', 'stock'), state: 'killed' }
  const idle: Member = { ...newMember('stock', 'stock-2', 'stock'), state: 'idle', memberId: 'a' }
  const [stock] = describe(
    [group({ members: [elsewhere, { ...elsewhere, memberId: 'a', clientId: 'stock-2' }] })],
    [killed, idle],
  )
  expect(stock?.members.map(({ name, partitions, here }) => [name, partitions.length, here?.state])).toEqual([
    ['other', 0, undefined],
    ['stock-2', 0, 'idle'],
    ['stock-10', 0, 'killed'],
  ])
})

test('an app without a group, a foreign group, and the group of the page itself are told apart', () => {
  const groups = describe([group({ groupId: 'console-1' }), group({ groupId: 'billing' })])
  expect(groups.map(({ groupId, kind, state }) => [groupId, kind, state])).toEqual([
    ['stock', 'app', ''],
    ['console-1', 'reader', 'Stable'],
    ['billing', 'other', 'Stable'],
  ])
})

test('of a big value the beginning is kept, and its size', () => {
  const ring = openRing()
  ring.take(record(0, { value: Buffer.alloc(2_000_000, 'x'), size: 2_000_000 }))
  expect(ring.at('products.created', 0, 0)).toMatchObject({ size: 2_000_000 })
  expect(ring.at('products.created', 0, 0)?.value?.length).toBe(1_024)
})

test('a record that is read twice is kept once, and the oldest make way', () => {
  const ring = openRing()
  for (let offset = 0; offset < 5_000; offset++) ring.take(record(offset))
  ring.take(record(10))
  const kept = ring.of('products.created', 0)
  expect(kept.length).toBeLessThanOrEqual(1_000)
  expect(kept.at(-1)?.offset).toBe(4_999)
})

test('a topic that was made anew is forgotten, and one that was read beyond what Kafka had just said is not', () => {
  const ring = openRing()
  const ends = (high: number): TopicEnds[] => [{ name: 'products.created', partitions: [partition(0, high)] }]
  for (let offset = 0; offset < 5; offset++) ring.take(record(offset))
  expect(ring.forgetRemade(ends(5))).toBe(false)
  ring.take(record(5)) // Kafka was asked before it was written
  expect(ring.forgetRemade(ends(5))).toBe(false)
  expect(ring.of('products.created', 0)).toHaveLength(6)
  expect(ring.forgetRemade(ends(2))).toBe(true)
  expect(ring.of('products.created', 0)).toEqual([])
})
