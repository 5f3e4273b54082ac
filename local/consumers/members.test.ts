import { expect, test } from 'vitest'
import { afterReport, newMember } from './members.ts'
import type { MemberReport, ProcessReport, Report } from './reports.ts'

const record = {
  what: 'record',
  at: 1_000,
  topic: 't',
  partition: 1,
  offset: '4',
  took: 1,
  eventId: 'a',
  productId: 1,
  version: 1,
  attempt: 1,
} as const
const after = (...reports: (Report | ProcessReport)[]) =>
  reports
    .map((report): MemberReport => ({ app: 'stock', member: 'stock-1', ...report }))
    .reduce(afterReport, newMember('stock', 'stock-1', 'stock'))
const joined = { what: 'joined', at: 1, memberId: 'm', isLeader: true, took: 1, assignment: { t: [1] } } as const

test('a member works from its first share on, and is idle without one', () => {
  expect(after({ what: 'started', at: 0, pid: 7 })).toMatchObject({ state: 'starting', pid: 7 })
  expect(after({ what: 'started', at: 0, pid: 7 }, { ...joined, assignment: { t: [1] } })).toMatchObject({
    state: 'working',
    isLeader: true,
  })
  expect(after({ ...joined, assignment: {} })).toMatchObject({ state: 'idle', assignment: {} })
  expect(after({ ...joined, assignment: { t: [1] } }, { what: 'rebalancing', at: 2, memberId: 'm' })).toMatchObject({
    state: 'rebalancing',
    assignment: {},
  })
})

test('a partition is held from a failed attempt until its record is done', () => {
  const failed: Report = { ...record, outcome: 'retry', ms: 500, reason: 'no' }
  expect(after(failed)).toMatchObject({
    held: { 't:1': { until: 1_500, reason: 'no' } },
    counts: { retry: 1 },
    lastError: 'no',
  })
  expect(after(failed, { ...record, outcome: 'done' })).toMatchObject({ held: {}, counts: { retry: 1, done: 1 } })
  expect(after(failed, { ...record, partition: 2, outcome: 'done' }).held).toHaveProperty(['t:1'])
})

test('a new process counts anew, and knows what it was told to be slow by', () => {
  const done: Report = { ...record, outcome: 'done' }
  const member = after(done, { what: 'slowed', at: 0, ms: 50 }, { what: 'started', at: 0, pid: 8 })
  expect(member).toMatchObject({ counts: { done: 0 }, slow: 50, pid: 8 })
})

test('what was committed adds up by partition', () => {
  const commit = (partition: number, offset: string): Report => ({
    what: 'committed',
    at: 1,
    generation: 3,
    offsets: [{ topic: 't', partition, offset }],
  })
  expect(after(commit(0, '5'), commit(1, '7'), commit(0, '6'))).toMatchObject({
    generation: 3,
    committed: { 't:0': '6', 't:1': '7' },
  })
})
