import { expect, test } from 'vitest'
import { ratios, show, spread } from './statistics.ts'

test('rounds are compared with their own', () => {
  expect(ratios([10, 40, 90], [100, 200, 300])).toEqual({ min: 0.1, median: 0.2, max: 0.3 })
})

test('a spread is shown by its median, and from where to where', () => {
  expect(show(spread([1, 2, 4]))).toBe('2.00 (1.00-4.00)')
})
