import { expect, test } from 'vitest'
import { targetOf } from './move.ts'

const around = { low: 10, high: 100, from: 60, at: 75 }

test.each([
  ['the oldest record', { to: 'earliest' }, around, 10],
  ['the end', { to: 'latest' }, around, 100],
  ['20 back', { to: 'back', records: 20 }, around, 40],
  ['further back than there are records', { to: 'back', records: 1_000 }, around, 10],
  ['back from where nothing was committed', { to: 'back', records: 20 }, { ...around, from: null }, 10],
  ['a time', { to: 'time', at: 1 }, around, 75],
  ['a time before the oldest record', { to: 'time', at: 1 }, { ...around, at: 3 }, 10],
] as const)('a partition is moved to %s, and never beyond its ends', (_, move, { low, high, from, at }, target) => {
  expect(targetOf(move, { low, high, from, at })).toBe(target)
})
