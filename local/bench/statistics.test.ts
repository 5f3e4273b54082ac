import { expect, test } from 'vitest'
import { ratios, show, slope, spread } from './statistics.ts'

test('rounds are compared with their own', () => {
  expect(ratios([10, 40, 90], [100, 200, 300])).toEqual({ min: 0.1, median: 0.2, max: 0.3 })
})

test('a spread is shown by its median, and from where to where', () => {
  expect(show(spread([1, 2, 4]))).toBe('2.00 (1.00-4.00)')
})

test('a slope is what grows in a step, whatever scatters about it', () => {
  expect(slope([5, 8, 9, 12].map((y, x) => ({ x, y })))).toBeCloseTo(2.2)
  expect(slope([3, 3, 3].map((y, x) => ({ x, y })))).toBe(0)
})
