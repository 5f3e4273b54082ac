import { expect, test } from 'vitest'
import type { SeenRecord } from './kafka/ring.ts'
import type { Outcome } from './outcomes.ts'
import { type Facts, wayOf } from './way.ts'

const AT = 1_700_000_000_000

const record = (more: Partial<SeenRecord> = {}): SeenRecord => ({
  topic: 'products.created',
  partition: 2,
  offset: 7,
  timestamp: AT,
  key: Buffer.from('41'),
  value: Buffer.from('{}'),
  size: 2,
  headers: [
    ['ce_id', Buffer.from('event-1')],
    ['ce_type', Buffer.from('product.created')],
  ],
  readAt: AT + 30,
  live: true,
  ...more,
})

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  groupId: 'stock',
  member: 'stock-1',
  outcome: 'done',
  at: AT + 55,
  took: 4,
  attempt: 1,
  again: 0,
  ...more,
})

const group = (groupId: string, committed: number | null): Facts['groups'][number] => ({
  groupId,
  kind: 'app',
  partitions: [{ topic: 'products.created', partition: 2, committed, end: 8, lag: null, owner: `${groupId}-1` }],
})

const facts = (more: Partial<Facts> = {}): Facts => ({
  productId: 41,
  product: { id: '41', name: 'Kettle', price: '1.00', quantity: 1, version: 1, created_at: '' },
  pending: [],
  dead: [],
  records: [],
  requests: [],
  outcomes: () => [],
  groups: [],
  clock: 0,
  ...more,
})

test('a record was there when the first has read it, be that a group or this page', () => {
  const ofGroup = { records: [record({ readAt: AT + 300 })], groups: [group('stock', 8)], outcomes: () => [outcome()] }
  expect(wayOf(facts(ofGroup)).events[0]?.record?.ms).toBe(51) // done after 55, of which it worked for 4
  const before = { ...ofGroup, records: [record({ live: false })] }
  expect(wayOf(facts(before)).events[0]?.record?.ms).toBe(51)
})

test('an event goes from its request over the outbox into a partition and to the groups, with the ms since its commit', () => {
  const { events } = wayOf(
    facts({
      records: [record()],
      requests: [{ at: AT - 12, ms: 14, status: 201, productId: 41, problem: null }],
      outcomes: () => [outcome()],
      groups: [group('stock', 8), group('webhook', 7), group('audit-log', 8), group('search-index', null)],
    }),
  )
  expect(events).toMatchObject([
    {
      eventId: 'event-1',
      type: 'product.created',
      at: AT,
      request: { ms: 14, status: 201 },
      outbox: { state: 'left' },
      record: { topic: 'products.created', partition: 2, offset: 7, ms: 30 },
      groups: [
        { groupId: 'stock', state: 'done', ms: 55, member: 'stock-1', took: 4 },
        { groupId: 'webhook', state: 'waiting', ms: null },
        { groupId: 'audit-log', state: 'passed', ms: null }, // it is beyond it, and has not said what it did
        { groupId: 'search-index', state: 'waiting' }, // nothing committed is not 0
      ],
    },
  ])
})

test('what waits in the outbox says so, with the reason where its target is held', () => {
  const waiting = { event_id: 'event-1', type: 'product.created', at: AT, held_for: null, hold_error: null }
  const held = {
    ...waiting,
    event_id: 'event-2',
    at: AT + 1,
    held_for: 'products.created:2',
    hold_error: 'NOT_ENOUGH_REPLICAS',
  }
  const { events } = wayOf(facts({ pending: [waiting, held], groups: [group('stock', 7)] }))
  expect(events).toMatchObject([
    {
      eventId: 'event-1',
      outbox: { state: 'waiting' },
      record: null,
      groups: [{ groupId: 'stock', state: 'waiting' }],
    },
    {
      eventId: 'event-2',
      outbox: { state: 'held', reason: expect.stringContaining('NOT_ENOUGH_REPLICAS') },
      record: null,
    },
  ])
})

test('what is dead says why', () => {
  const { events } = wayOf(
    facts({ dead: [{ event_id: 'event-1', type: 'product.created', at: AT, error: 'MESSAGE_TOO_LARGE' }] }),
  )
  expect(events).toMatchObject([{ outbox: { state: 'dead', reason: 'MESSAGE_TOO_LARGE' } }])
})

test('an event that is in Kafka and not yet deleted from the outbox has left it', () => {
  const pending = [{ event_id: 'event-1', type: 'product.created', at: AT, held_for: null, hold_error: null }]
  expect(wayOf(facts({ records: [record()], pending })).events).toMatchObject([{ outbox: { state: 'left' } }])
})

test('an event that was published twice is one event, at its first place', () => {
  const { events } = wayOf(facts({ records: [record(), record({ offset: 9 })] }))
  expect(events.map((event) => event.record?.offset)).toEqual([7])
})

test('a clock of the database that is ahead makes nothing take longer or shorter', () => {
  const ahead = 5_000
  const { events } = wayOf(
    facts({
      clock: ahead,
      records: [record({ timestamp: AT + ahead })],
      outcomes: () => [outcome()],
      groups: [group('stock', 8)],
    }),
  )
  expect(events).toMatchObject([{ at: AT, record: { ms: 30 }, groups: [{ ms: 55 }] }])
})

test('a record that was there before this page looked does not say when it came', () => {
  expect(wayOf(facts({ records: [record({ live: false })] })).events).toMatchObject([{ record: { ms: null } }])
})

test('the events of a product stand in the order of their commits', () => {
  const changed = record({
    topic: 'products.changed',
    timestamp: AT - 10,
    headers: [['ce_id', Buffer.from('event-0')]],
  })
  expect(wayOf(facts({ records: [record(), changed] })).events.map(({ eventId }) => eventId)).toEqual([
    'event-0',
    'event-1',
  ])
})

test('a product that is not there, and one whose events are too old, are told apart', () => {
  expect(wayOf(facts({ product: null })).note).toBe('There is no such product, and no event of one.')
  expect(wayOf(facts()).note).toContain('older than the records')
})
