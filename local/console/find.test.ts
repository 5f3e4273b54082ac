import { expect, test } from 'vitest'
import { matches, readQuery } from './find.ts'

const ID = '0b4e5a38-6f0c-4c86-9a2e-9a3fb1f4d001'

test.each([
  ['41', { by: 'product', id: 41, text: '41' }],
  [' #41 ', { by: 'product', id: 41, text: '#41' }],
  [ID.toUpperCase(), { by: 'event', id: ID }],
  ['products.created:3:77', { by: 'place', topic: 'products.created', partition: 3, offset: 77 }],
  ['2026-11-25T10:00:00Z', { by: 'time', from: Date.UTC(2026, 10, 25, 10) }],
  ['kettle', { by: 'text', text: 'kettle' }],
  ['a.*b', { by: 'text', text: 'a.*b' }],
  ['  ', undefined],
])('%s is read as what it is', (text, query) => {
  expect(readQuery(text)).toEqual(query)
})

const record = {
  topic: 'products.created',
  partition: 3,
  offset: 77,
  timestamp: 5_000,
  key: Buffer.from('41'),
  value: Buffer.from('{"pname":"Red kettle"}'),
  size: 22,
  headers: [['ce_id', Buffer.from(ID)]] satisfies [string, Buffer][],
  readAt: 0,
  live: true,
}

test.each([
  ['41', true],
  ['4', false],
  [ID, true],
  ['products.created:3:77', true],
  ['products.created:3:78', false],
  ['RED KETTLE', true],
  ['.*', false],
  ['0b4e5a38-6f0c', true],
  ['1970-01-01T00:00:05Z', true],
  ['1970-01-01T00:00:06Z', false],
])('%s finds a record: %s', (text, isFound) => {
  const query = readQuery(text)
  expect(query && matches(query)(record)).toBe(isFound)
})
