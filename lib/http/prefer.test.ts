import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseWait } from './prefer.ts'

test.each([
  ['wait=5', 5],
  ['Wait=5', 5],
  ['wait=0', 0],
  ['wait=007', 7],
  ['wait=10', 10],
  ['wait=11', 10],
  [`wait=${'9'.repeat(400)}`, 10],
  ['wait="5"', 5],
  [' wait\t = 5 ', 5],
  ['respond-async, wait=5', 5],
  ['respond-async,wait=5', 5],
  ['return=minimal; wait=9, wait=5', 5],
  ['wait=5; strictly', 5],
  ['wait=5;wait=9', 5],
  ['foo; bar="a, wait=9", wait=5', 5],
  [String.raw`foo="\", wait=9", wait=5`, 5],
  [', ,, wait=5,', 5],
  ['wait=5, wait=9', 5],
  ['WAIT=5, wait=9', 5],
  ['handling=lenient, wait=5, return=minimal', 5],
])('%j waits %d s', (header, seconds) => {
  expect(parseWait(header)).toBe(seconds)
})

test.each([
  undefined,
  '',
  ',',
  'wait',
  'wait=',
  'wait=""',
  'wait=-1',
  'wait=+1',
  'wait=1.5',
  'wait=1e1',
  'wait=0x5',
  'wait=5s',
  'wait="5',
  'wait=5"',
  'wait=5 6',
  'wait=٣',
  'wait=soon, wait=5',
  'wait, wait=5',
  'wait;a=5',
  'await=5',
  'waits=5',
  'wait-for=5',
  'respond-async',
  'foo="wait=5"',
  'foo="wait=5',
  'foo="a, wait=5',
  'foo; wait=5',
])('%j waits for nothing', (header) => {
  expect(parseWait(header)).toBeUndefined()
})

test('whatever is sent, nobody waits for more than 10 s', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('wait', '=', ';', ',', '"', '\\', ' ', '0', '1', '59') }),
      (header) => {
        expect([undefined, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).toContain(parseWait(header))
      },
    ),
  )
})
