import { expect, test } from 'vitest'
import { parseTraceparent } from './event-context.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

test('a valid traceparent is taken as it is', () => {
  expect(parseTraceparent(`00-${trace}-${parent}-01`)).toBe(`00-${trace}-${parent}-01`)
})

test.each([
  undefined,
  '',
  'x',
  `ff-${trace}-${parent}-01`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00-${trace}-${parent}-01-more`,
  `00-${trace}-${parent}-01\n`,
])('%j is none', (header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})
