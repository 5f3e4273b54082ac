import { expect, test } from 'vitest'
import { percentile, ratios, show, spread } from './statistics.ts'

test('a percentile is a value that there is, by nearest rank', () => {
  const values = [5, 1, 4, 2, 3]
  expect([0, 0.2, 0.21, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 1, 2, 3, 5, 5])
  expect(values).toEqual([5, 1, 4, 2, 3])
  expect(percentile([], 0.5)).toBeNaN()
})

test('rounds are compared with their own', () => {
  expect(ratios([10, 40, 90], [100, 200, 300])).toEqual({ min: 0.1, median: 0.2, max: 0.3 })
})

test('a spread is shown by its median, and from where to where', () => {
  expect(show(spread([1, 2, 4]))).toBe('2.00 (1.00-4.00)')
})
