import { expect, test } from 'vitest'
import { fingerprint } from './idempotent.ts'

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }

test.each(['24.9', '024.90', '24.90'])('the price %s has the fingerprint of 24.90', (price) => {
  expect(fingerprint('create', [{ ...bun, price }])).toBe(fingerprint('create', [bun]))
})

test.each([
  { name: 'kanelbulle' },
  { name: 'Kanelbulle,' },
  { price: '2.49' },
  { price: '24.09' },
  { price: '24' },
  { quantity: 1 },
])('%j has another', (fields) => {
  expect(fingerprint('create', [{ ...bun, ...fields }])).not.toBe(fingerprint('create', [bun]))
})

test('so have another operation, another order, and one more', () => {
  const semla = { ...bun, name: 'Semla' }
  const prints = [
    fingerprint('create', [bun]),
    fingerprint('import', [bun]),
    fingerprint('import', [bun, bun]),
    fingerprint('import', [bun, semla]),
    fingerprint('import', [semla, bun]),
  ]
  expect(new Set(prints).size).toBe(prints.length)
})
