import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIdempotencyKey } from './idempotency-key.ts'
import { Problem } from './problem.ts'

test.each([
  [undefined, undefined],
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"two words, and a comma"', 'two words, and a comma'],
  [String.raw`"a \"b\" \\ c"`, String.raw`a "b" \ c`],
  ['a+b/c==;~:\\', 'a+b/c==;~:\\'],
  ['x'.repeat(255), 'x'.repeat(255)],
  [`"${String.raw`\"`.repeat(255)}"`, '"'.repeat(255)],
])('%s is the key %j', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key)
})

test.each([
  '',
  ' ',
  '""',
  '"',
  '"open',
  'shut"',
  '"a"b',
  '"a", "b"',
  'a, b',
  'a,b',
  'a b',
  '"a";v=1',
  String.raw`"\a"`,
  '"\\"',
  'é',
  '"é"',
  'a\tb',
  '"a\tb"',
  '"\x7f"',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
])('%j is refused, and the header named', (header) => {
  expect(() => parseIdempotencyKey(header)).toThrow(
    expect.objectContaining({
      status: 422,
      errors: [{ header: 'Idempotency-Key', detail: expect.stringContaining('1 to 255') }],
    }),
  )
})

test('every printable text can be a key, in quotes', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' }), (key) => {
      expect(parseIdempotencyKey(`"${key.replaceAll(/["\\]/g, String.raw`\$&`)}"`)).toBe(key)
    }),
  )
})

test('whatever is sent, it is a key or a problem', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (header) => {
      try {
        expect(parseIdempotencyKey(header)).toMatch(/^[ -~]{1,255}$/)
      } catch (error) {
        expect(error).toBeInstanceOf(Problem)
      }
    }),
  )
})
