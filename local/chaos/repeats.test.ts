import { describe, expect, test } from 'vitest'
import { type Disturbance, type Excuse, repeatsOf } from './repeats.ts'
import type { Sending } from '../rig/kafka-proxy/sendings.ts'

/** Sent at 10,000 by Worker 0, who has waited since then, and answered 10 ms later. */
const sent: Sending = {
  worker: 0,
  topic: 'created',
  partition: 0,
  eventIds: ['a', 'b'],
  since: 10_000,
  at: 10_000,
  outcome: 'acknowledged',
  endedAt: 10_010,
}
const again: Sending = { ...sent, worker: 1, eventIds: ['a'], since: 11_200, at: 11_200, endedAt: 11_210 }
const excuses = (sendings: Sending[], disturbances: Disturbance[] = []) =>
  repeatsOf(sendings, disturbances).map(({ excuse }) => excuse)

test('what is sent once is not repeated', () => {
  expect(repeatsOf([sent, { ...again, eventIds: ['c'] }], [])).toEqual([])
})

test('it says which event was repeated', () => {
  expect(repeatsOf([again, sent], [])).toEqual([{ eventId: 'a', earlier: sent, later: again, excuse: 'none' }])
})

describe('the excuse for sending again', () => {
  const cases: [string, Partial<Sending>, Disturbance[], Excuse][] = [
    ['acknowledged, and nothing happened', {}, [], 'none'],
    ['an error', { outcome: 'failed' }, [], 'an error was answered'],
    ['a lost answer', { outcome: 'lost' }, [], 'no answer came'],
    ['an answer that was lost only later', { outcome: 'lost', endedAt: 11_300, at: 11_000, since: 11_000 }, [], 'none'],
    ['the Worker hung up after a moment', { outcome: 'abandoned' }, [], 'none'],
    ['the Worker hung up at its deadline', { outcome: 'abandoned', since: 8_900 }, [], 'the answer came late'],
    ['an answer after half a second', { endedAt: 10_600 }, [], 'the answer came late'],
    ['no answer for a second', { endedAt: Infinity }, [], 'the answer came late'],
    ['an answer before that', { endedAt: 10_400 }, [], 'none'],
    ['no answer for a moment', { endedAt: Infinity, at: 11_000, since: 11_000 }, [], 'none'],
    [
      'the Worker was killed when it was answered',
      {},
      [{ worker: 0, from: 10_005, until: 10_500 }],
      'the publisher died or stood still',
    ],
    [
      'the Worker stood still before it could delete',
      {},
      [{ worker: 0, from: 10_300, until: 15_000 }],
      'the publisher died or stood still',
    ],
    ['the other Worker was killed', {}, [{ worker: 1, from: 9_000, until: 9_100 }], 'none'],
    ['the Worker was killed long before', {}, [{ worker: 0, from: 9_000, until: 9_500 }], 'none'],
    ['the database was away when it was to delete', {}, [{ from: 9_000, until: 10_020 }], 'the database was away'],
    ['the database was away before', {}, [{ from: 9_000, until: 9_900 }], 'none'],
    [
      'who repeats had stood still with it',
      {},
      [{ worker: 1, from: 5_000, until: 10_800 }],
      'who repeats had stood still',
    ],
  ]
  test.each(cases)('%s', (_, earlier, disturbances, excuse) => {
    expect(excuses([{ ...sent, ...earlier }, again], disturbances)).toEqual([excuse])
  })

  test('a fault after the lease of the earlier one explains nothing', () => {
    const later = { ...again, at: 20_000, since: 20_000 }
    expect(excuses([sent, later], [{ worker: 0, from: 14_000, until: 14_500 }])).toEqual([
      'the publisher died or stood still',
    ])
    expect(excuses([sent, later], [{ worker: 0, from: 16_000, until: 16_500 }])).toEqual(['none'])
  })

  test('each repetition needs its own', () => {
    const third = { ...again, at: 12_400, since: 12_400 }
    expect(excuses([{ ...sent, outcome: 'lost' }, again, third])).toEqual(['no answer came', 'none'])
  })

  test('one that was refused has the rest of its time for another attempt', () => {
    const refused: Sending = { ...sent, outcome: 'failed' }
    const attempt: Sending = {
      ...sent,
      eventIds: ['a'],
      since: 11_200,
      at: 11_200,
      outcome: 'abandoned',
      endedAt: 11_600,
    }
    const later: Sending = { ...again, since: 13_000, at: 13_000 }
    expect(excuses([refused, attempt, later])).toEqual(['an error was answered', 'the answer came late'])
    expect(excuses([{ ...refused, worker: 1 }, attempt, later])).toEqual(['an error was answered', 'none'])
  })
})
