import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../http/parse-json.ts'
import { NewProduct, NewProductRow, parseId } from './schema.ts'

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const parse = (fields: object) => NewProduct.safeParse({ ...bun, ...fields })
const issues = (fields: object) =>
  parse(fields).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)

test.each([
  ['24.90', '24.90'],
  ['0', '0'],
  ['9999999999.99', '9999999999.99'],
  ['007.5', '007.5'],
  [24.9, '24.9'],
  [0, '0'],
  [-0, '0'],
  [1e2, '100'],
  [9999999999.99, '9999999999.99'],
  [0.07, '0.07'],
])('price %j is %s', (price, text) => {
  expect(parse({ price }).data?.price).toBe(text)
})

test.each([
  '',
  ' 1',
  '1 ',
  '1\n',
  '-1',
  '+1',
  '1.',
  '.5',
  '1.234',
  '1,5',
  '1e2',
  '0x1',
  '12345678901',
  '٣',
  'NaN',
  10_000_000_000,
  -0.01,
  0.001,
  1e-7,
  NaN,
  Infinity,
  true,
  null,
  [],
])('price %j is refused', (price) => {
  expect(issues({ price })).toEqual([
    'price must be from 0 to 9999999999.99 with at most 2 decimals, as a string or a number',
  ])
})

test.each([
  ['24,90', '24.90'],
  ['24,9', '24.9'],
  ['24.90', '24.90'],
])('in a table the price %s is %s', (price, text) => {
  expect(NewProductRow.parse({ ...bun, price, quantity: '1' }).price).toBe(text)
})

test.each(['1,234', '1.234', '1.234,50', '1,234.50', ',5', '5,', '1,2,3', '-1,5', '12345678901,00'])(
  'in a table the price %s is refused, as it could mean several',
  (price) => {
    expect(NewProductRow.safeParse({ ...bun, price, quantity: '1' }).success).toBe(false)
  },
)

test('a price with 2 decimals keeps its value, as a number and as a string', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999n }), (cents) => {
      const price = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`
      const { price: number } = NewProduct.parse(parseJson(`{"name":"x","quantity":1,"price":${price}}`))
      const [whole, decimals = ''] = number.split('.')
      expect(`${whole}.${decimals.padEnd(2, '0')}`).toBe(price)
      expect(parse({ price }).data?.price).toBe(price)
    }),
  )
})

test.each([0, -0, 3, 2 ** 31 - 1])('quantity %j is taken', (quantity) => {
  expect(parse({ quantity }).success).toBe(true)
})

test.each([-1, 2 ** 31, 1.5, '3', NaN, true, null])('quantity %j is refused', (quantity) => {
  expect(issues({ quantity })).toEqual(['quantity must be a whole number from 0 to 2147483647'])
})

test('a name is trimmed, and otherwise left as it was sent', () => {
  expect(parse({ name: '\u00A0 Ka\u0301nel <b>\u{1F950}\n' }).data?.name).toBe('Ka\u0301nel <b>\u{1F950}')
  expect(parse({ name: ` ${'\u{1F950}'.repeat(200)} ` }).success).toBe(true)
})

test.each(['', ' ', '\u00A0\n', 'x'.repeat(201), '\u{1F950}'.repeat(201)])(
  'a name of a wrong length is refused: %j',
  (name) => {
    expect(issues({ name })).toEqual(['name must have 1 to 200 characters, not counting space around it'])
  },
)

test.each(['a\0b', 'a\uD800b', '\uDC00'])('a name that Postgres or UTF-8 cannot hold is refused: %j', (name) => {
  expect(issues({ name })).toEqual(['name must not contain NUL or half of a surrogate pair'])
})

test('every issue is found at once', () => {
  const { error } = NewProduct.safeParse({ name: 7, price: true, colour: 'red' })
  expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['name', 'must be a string'],
    ['price', expect.stringContaining('must be from 0')],
    ['quantity', 'is required'],
    ['', expect.anything()],
  ])
})

test.each([
  ['1', 1],
  ['9007199254740991', 9007199254740991],
  ['0', 0],
  ['01', 0],
  ['-1', 0],
  ['1.0', 0],
  ['1e3', 0],
  ['', 0],
  ['9007199254740992', 0],
  ['99999999999999999999', 0],
])('the path segment %j is the id %j', (text, id) => {
  expect(parseId(text)).toBe(id)
})
