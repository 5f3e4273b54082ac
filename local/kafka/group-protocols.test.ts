import { expect, test } from 'vitest'
import { commonProtocols, electProtocol } from './group-protocols.ts'

const members = (...each: string[]) =>
  each.map((names) => ({ protocols: names.split('').map((name) => ({ name, metadata: Buffer.alloc(0) })) }))

test.each([
  [[], [], ''],
  [['a'], ['a'], 'a'],
  [['ab', 'ba', 'ba'], ['a', 'b'], 'b'],
  [['abc', 'cb', 'bc'], ['b', 'c'], 'b'],
  [['a', 'b'], [], ''],
])('members that support %j have %j in common and take %j', (supported, common, elected) => {
  expect(commonProtocols(members(...supported))).toEqual(common)
  expect(electProtocol(members(...supported))).toBe(elected)
})
