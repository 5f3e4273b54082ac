import { expect, test } from 'vitest'
import { line, overview } from './lines.ts'
import { afterReport, newMember } from './members.ts'
import type { MemberReport, ProcessReport, Report } from './reports.ts'

const at = 0
const whose = { app: 'stock', member: 'stock-1' }
const record = {
  what: 'record',
  at,
  topic: 'products.created',
  partition: 2,
  offset: '17',
  took: 3,
  key: '5',
  eventId: 'a',
  productId: 5,
  version: 1,
  attempt: 1,
} as const
const said = (report: Report) => line({ ...whose, ...report })

test.each<[Report, string | undefined]>([
  [
    {
      what: 'joined',
      at,
      memberId: 'm',
      isLeader: true,
      took: 3,
      assignment: { 'products.created': [0, 5], 'products.changed': [0] },
    },
    'is a member of the group and leads it: partitions 0 5 of products.created, partitions 0 of products.changed',
  ],
  [
    { what: 'joined', at, memberId: 'm', isLeader: false, took: 3, assignment: {} },
    'is a member of the group: no partition is left for it, so it idles',
  ],
  [
    { ...record, outcome: 'done', did: '3 units on hand, worth 4.50' },
    'products.created, partition 2, offset 17, key 5: product 5, version 1, done: 3 units on hand, worth 4.50',
  ],
  [
    { ...record, outcome: 'duplicate' },
    'products.created, partition 2, offset 17, key 5: product 5, version 1, seen again, nothing done',
  ],
  [
    { ...record, outcome: 'retry', reason: 'it fails', ms: 2_000, attempt: 3 },
    'products.created, partition 2, offset 17, key 5: product 5, version 1, failed (attempt 3: it fails): ' +
      'its partition waits 2 s, the others go on',
  ],
  [
    {
      ...record,
      key: undefined,
      productId: null,
      outcome: 'dead',
      reason: 'no JSON',
      letter: { topic: 'dlq.products.created', partition: 2, offset: '0' },
    },
    'products.created, partition 2, offset 17, no key: a record, can never work (no JSON): ' +
      'it is in dlq.products.created, partition 2, offset 0',
  ],
  [
    { what: 'committed', at, generation: 1, offsets: [{ topic: 'products.created', partition: 2, offset: '18' }] },
    'committed products.created, partition 2: 18 is next',
  ],
  [{ what: 'heartbeat', at, memberId: 'm', generation: 1 }, undefined],
])('a report is said in words: %o', (report, words) => {
  expect(said(report)).toBe(words && `stock-1        ${words}`)
})

test('a process is told with its number, and how one ended that did not leave', () => {
  const process = (report: ProcessReport) => line({ ...whose, ...report })
  expect(process({ what: 'started', at, pid: 7 })).toBe('stock-1        starts as process 7')
  expect(process({ what: 'ended', at, pid: 7, by: 'itself', code: null, signal: 'SIGKILL' })).toBe(
    'stock-1        crashed with SIGKILL: the group waits for it until its session times out',
  )
  expect(process({ what: 'waiting', at, ms: 1_000, restarts: 1 })).toBe('stock-1        is started again in 1 s')
})

test('nothing that comes from outside steers a terminal', () => {
  expect(said({ what: 'said', at, sentence: 'it got \u001b[2J\u009b2J\n{}' })).toBe(
    'stock-1        it got \uFFFD[2J\uFFFD2J {}',
  )
})

test('who holds which is said when all that run have joined, and not before', () => {
  const joined = (name: string, partitions: number[]) => {
    const reports: MemberReport[] = [
      { ...whose, what: 'started', at, pid: 1 },
      { ...whose, what: 'joined', at, memberId: name, isLeader: false, took: 1, assignment: { created: partitions } },
    ]
    return reports.reduce(afterReport, newMember('stock', name, 'stock'))
  }
  const all = [joined('stock-1', [0, 1]), joined('stock-2', [])]
  expect(overview(all)).toBe(
    [
      'The group stock has 2 members:',
      '  stock-1        partitions 0 1 of created',
      '  stock-2        no partition is left for it, so it idles',
    ].join('\n'),
  )
  const [first, second] = all
  if (!first || !second) throw new Error('There are two')
  expect(overview([first])).toBeUndefined() // its own line says it
  expect(overview([first, afterReport(second, { ...whose, what: 'rebalancing', at, memberId: 'm' })])).toBeUndefined()
})
