import { describe, expect, test } from 'vitest'
import type { TopicRecord } from '../rig/read-topics.ts'
import type { Sending } from '../rig/kafka-proxy/sendings.ts'
import type { Change } from '../rig/history.ts'
import { type Evidence, judge } from './result.ts'

const topics = { created: 'created', changed: 'changed' }
const product = { name: 'Tea', price: '1.50', quantity: 3 }
const created: Change = { type: 'product.created', id: 1, version: 1, ...product }
const updated: Change = { type: 'product.updated', id: 1, version: 2, ...product }
const deleted: Change = { type: 'product.deleted', id: 1, version: 3, ...product }

function record(
  { type, id, version, name: pname, ...fields }: Change,
  offset: number,
  eventId = `event ${version}`,
): TopicRecord {
  return {
    topic: version === 1 ? topics.created : topics.changed,
    partition: 0,
    offset,
    timestamp: 1_000 + offset,
    key: String(id),
    value: JSON.stringify({ type, product_id: id, pname, ...fields, ...(version > 1 && { version }) }),
    headers: { ce_id: eventId, ce_type: type, ce_time: '1970-01-01T00:00:00.990000+00:00' },
  }
}

const state = { changes: [created, updated, deleted], rows: [], pending: 0, dead: 0 }
const records = [record(created, 0), record(updated, 0), record(deleted, 1)]
/** How a record was sent, whose answer was lost. */
const sendingOf = ({ topic, partition, headers, timestamp: at }: TopicRecord): Sending => {
  return { worker: 0, topic, partition, eventIds: [headers.ce_id ?? ''], since: at, at, outcome: 'lost', endedAt: at }
}
const load = { acknowledged: [], statuses: new Map([['200', 2]]), unexpected: 0, samples: [] }

const result = (evidence: Partial<Evidence>) =>
  judge({
    load,
    state,
    records,
    sendings: (evidence.records ?? records).map(sendingOf),
    disturbances: [],
    topics,
    ...evidence,
  })
const broken = (evidence: Partial<Evidence>) =>
  result(evidence).lines.flatMap(({ name, violations }) => (violations?.length ? [name.split(/[:,]/)[0]] : []))
const value = (evidence: Partial<Evidence>, start: string) =>
  result(evidence).lines.find(({ name }) => name.startsWith(start))?.value

test('all kept: nothing is broken', () => {
  expect(broken({})).toEqual([])
  expect(result({}).broken).toBe(0)
  const acknowledged = records.map((record) => ({ ...sendingOf(record), outcome: 'acknowledged' as const }))
  expect(value({ sendings: acknowledged }, 'commit to acknowledgement')).toBe('10 ms, 11 ms')
})

describe('what breaks a promise', () => {
  const cases: [string, Partial<Evidence>, string[]][] = [
    ['an event is missing', { records: records.slice(0, 2) }, ['lost']],
    [
      'a row is there that is deleted',
      { state: { ...state, rows: [{ id: 1, version: 2 }] } },
      ['rows that differ from what was committed'],
    ],
    [
      'a client was told what is not there',
      { load: { ...load, acknowledged: [{ type: 'product.updated', id: 1, version: 9 }] } },
      ['acknowledged but not committed'],
    ],
    [
      'nothing happened to what an event is of',
      { state: { ...state, changes: [created, updated] } },
      ['rows that differ from what was committed', 'invented'],
    ],
    [
      'an event says something else',
      { records: [record({ ...created, price: '2.00' }, 0), ...records.slice(1)] },
      ['invented'],
    ],
    [
      'an event cannot be read',
      { records: [...records, { ...record(created, 1, 'x'), key: 'x', value: '{' }] },
      ['invented'],
    ],
    [
      'a change has two events',
      { records: [...records, record(deleted, 2, 'other')] },
      ['changes with two events', 'out of order within a key'],
    ],
    [
      'the order is another',
      { records: [record(created, 0), record(deleted, 0), record(updated, 1)] },
      ['out of order within a key'],
    ],
    [
      'a key is on two partitions',
      { records: [...records.slice(0, 2), { ...record(deleted, 0), partition: 1 }] },
      ['on two partitions of a topic'],
    ],
    [
      'a duplicate of a key is on another partition',
      { records: [...records, { ...record(updated, 0), partition: 1 }] },
      ['on two partitions of a topic'],
    ],
    [
      'a duplicate has other bytes',
      { records: [...records, { ...record(deleted, 2), value: record(deleted, 2).value.replace('{', '{ ') }] },
      ['duplicates with other bytes'],
    ],
    [
      'an event was sent twice for nothing',
      {
        records: [...records, record(deleted, 2)],
        sendings: [...records, record(deleted, 2)].map((each) => ({ ...sendingOf(each), outcome: 'acknowledged' })),
      },
      ['needless repeats'],
    ],
    [
      'a record came past the proxies',
      { sendings: records.slice(1).map(sendingOf) },
      ['records that no proxy has seen'],
    ],
    ['an event was left behind', { state: { ...state, pending: 1 } }, ['left in the outbox']],
    ['an event was set aside', { state: { ...state, dead: 1 } }, ['set aside as refused']],
    [
      'an answer should not be',
      { load: { ...load, unexpected: 1, samples: ['POST /products: 500'] } },
      ['answers that should not be'],
    ],
    [
      'one request made two products',
      {
        state: { ...state, changes: [created, updated, deleted, { ...created, id: 2 }], rows: [{ id: 2, version: 1 }] },
        records: [
          ...records,
          {
            ...record(created, 1, 'second'),
            key: '2',
            value: record(created, 1).value.replace('"product_id":1', '"product_id":2'),
          },
        ],
      },
      ['products made twice by one request'],
    ],
  ]
  test.each(cases)('%s', (_, evidence, expected) => {
    expect(broken(evidence)).toEqual(expected)
  })
})

test('a duplicate may come behind a newer event of its key, as a consumer drops it by its id', () => {
  const evidence = { records: [...records, record(updated, 2)] }
  expect(broken(evidence)).toEqual([])
  expect(value(evidence, 'duplicates, by')).toBe('1')
  expect(value(evidence, 'duplicates behind')).toBe('1')
})
