import { expect, test } from 'vitest'
import type { MemberReport } from '../consumers/reports.ts'
import { openReplays } from './replays.ts'

const STEPS = [
  { topic: 'created', partition: 0, from: 10, to: 8, end: 12 },
  { topic: 'created', partition: 1, from: 5, to: 4, end: 5 },
]
const MOVED = { group: 'stock', steps: STEPS, again: 3 }

function record(offset: number, outcome: 'done' | 'duplicate' | 'retry' = 'duplicate', app = 'stock'): MemberReport {
  const place = { topic: 'created', partition: 0, offset: String(offset) }
  const event = { eventId: `event-${offset}`, productId: 1, version: 1, took: 1, attempt: 1 }
  return { app, member: `${app}-1`, what: 'record', at: 1, ...place, outcome, ...event }
}

/** A group that was moved back by three records, and has told this since. */
function replayAfter(reports: MemberReport[], wasDone = false) {
  const replays = openReplays(() => wasDone)
  replays.begin(MOVED, 1)
  for (const report of reports) replays.take(report)
  return replays.view()[0]
}

test('duplicates are seen again, and not done again', () => {
  const replay = replayAfter([record(8), record(9)])
  expect(replay).toEqual({ groupId: 'stock', at: 1, expected: 3, seen: 2, done: 0, doneAgain: 0 })
})

test('what is new, what another group sees and what is tried again later does not count', () => {
  expect(replayAfter([record(10), record(8, 'duplicate', 'webhook'), record(8, 'retry')])).toMatchObject({ seen: 0 })
})

test('a record that is read twice counts once', () => {
  expect(replayAfter([record(8), record(8), record(9)])).toMatchObject({ seen: 2 })
})

test('a record that was done before and is done again is told as the fault that it is', () => {
  expect(replayAfter([record(8, 'done')], true)).toMatchObject({ seen: 1, done: 0, doneAgain: 1 })
})

test('a record that the group had skipped is done for the first time', () => {
  expect(replayAfter([record(8, 'done')])).toMatchObject({ seen: 1, done: 1, doneAgain: 0 })
})

test('a group that is moved forward sees nothing again, and forgets what it was moved before', () => {
  const replays = openReplays(() => false)
  replays.begin(MOVED, 1)
  replays.begin({ group: 'stock', steps: [{ topic: 'created', partition: 0, from: 8, to: 12, end: 12 }], again: 0 }, 2)
  expect(replays.view()).toEqual([])
})
