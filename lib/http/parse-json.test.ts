import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './parse-json.ts'

test.each([
  '0',
  '-0',
  '19.90',
  '9999999999.99',
  '1e2',
  '1E+2',
  '0.000001',
  '123456789012345',
  '1000000000000000000000',
])('keeps %s', (number) => {
  expect(parseJson(`{"n":[${number}]}`)).toEqual({ n: [Number(number)] })
})

test.each(['19.990000000000000001', '9007199254740993', '0.1234567890123456', '1.0000000000000001e3'])(
  'does not round %s',
  (number) => {
    expect(parseJson(`{"n":[${number}]}`)).toEqual({ n: [NaN] })
  },
)

test.each(['1e-400', '-1e-400', '0.1e-323', '-0.00001E-320', `0.${'0'.repeat(400)}1`])(
  'takes %s not for 0',
  (number) => {
    expect(parseJson(`{"n":[${number}]}`)).toEqual({ n: [NaN] })
  },
)

test.each(['0e-400', '-0.000e5', '0.0E+9'])('takes %s for 0', (number) => {
  expect(Math.abs(Number(parseJson(number)))).toBe(0)
})

test('reads everything else as JSON.parse() does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, (_key, part: unknown) =>
        typeof part === 'number' ? Math.trunc(part) % 1e15 : part,
      )
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
  )
})

test.each(['', '{', '{"a":1,}', "{'a':1}", 'NaN', '01', '{"a":1} x'])('throws at %j', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError)
})

test('what is nested too deep to be walked is still read', () => {
  const depth = 30_000
  expect(Array.isArray(parseJson('['.repeat(depth) + ']'.repeat(depth)))).toBe(true)
})
