import { expect, test } from 'vitest'
import { range, type Shares, uniform } from './assignors.ts'

const member = (id: string, ...topics: [string, number][]) => ({ id, topics: new Map(topics) })
const plain = (shares: Shares) => Object.fromEntries([...shares].map(([id, keys]) => [id, [...keys].toSorted()]))

test('range gives partitions that follow one another, and what is left over to the first members', () => {
  const [a, b] = [member('a', ['t', 3], ['u', 2]), member('b', ['t', 3])]
  expect(plain(range([b, a], new Map()))).toEqual({ a: ['t:0', 't:1', 'u:0', 'u:1'], b: ['t:2'] })
})

test('uniform gives all the same number, and leaves what it can where it is', () => {
  const [a, b, c] = [member('a', ['t', 6]), member('b', ['t', 6]), member('c', ['t', 6])]
  const alone = uniform([a], new Map())
  expect(alone.get('a')?.size).toBe(6)
  const two = uniform([a, b], alone)
  expect(plain(two)).toEqual({ a: ['t:0', 't:1', 't:2'], b: ['t:3', 't:4', 't:5'] })
  expect(plain(uniform([a, b, c], two))).toEqual({ a: ['t:0', 't:1'], b: ['t:3', 't:4'], c: ['t:2', 't:5'] })
})
