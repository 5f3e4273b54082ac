import { expect, test } from 'vitest'
import { share } from './assigner.ts'

const partitions = (count: number) => Array.from({ length: count }, (_, partition) => partition)
const topics = (created: number, changed: number) => [
  { topic: 'created', partitions: partitions(created) },
  { topic: 'changed', partitions: partitions(changed) },
]
const members = (count: number) => Array.from({ length: count }, (_, index) => `stock-${index + 1}-abc`)

test.each([
  [1, 6, 6],
  [2, 6, 6],
  [5, 6, 6],
  [6, 6, 6],
  [7, 6, 6],
  [4, 3, 6],
])(
  '%i members hold each of %i and %i partitions once, and a partition of one topic with that of the other',
  (count, created, changed) => {
    const shares = share(members(count), topics(created, changed))
    const held = (topic: string) =>
      shares.flatMap(({ assignment }) => assignment[topic] ?? []).toSorted((a, b) => a - b)
    expect(held('created')).toEqual(partitions(created))
    expect(held('changed')).toEqual(partitions(changed))
    for (const { assignment } of shares)
      for (const partition of assignment.created ?? [])
        if (partition < changed) expect(assignment.changed).toContain(partition)
    const sizes = shares.map(({ assignment }) => assignment.changed?.length ?? 0)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  },
)

test('a seventh member of six partitions gets none, and who it is does not depend on the order of joining', () => {
  const shares = share(members(7).toReversed(), topics(6, 6))
  expect(shares.at(-1)).toEqual({ memberId: 'stock-7-abc', assignment: {} })
  expect(shares[0]).toEqual({ memberId: 'stock-1-abc', assignment: { created: [0], changed: [0] } })
})
