import { expect, test } from 'vitest'
import { allFaults, possibleFaults } from './faults.ts'
import type { Cluster } from './nodes/nodes.ts'

test("nobody's nodes but ours are touched; what the proxy plays is had everywhere", () => {
  const theirs: Cluster = { brokers: ['kafka.example:9092'], ids: [1] }
  const left = possibleFaults(allFaults, { cluster: theirs })
  expect(allFaults.filter((name) => !left.includes(name))).toEqual([
    'all nodes are killed',
    'a node is killed',
    'a node is restarted',
    'a leader moves',
  ])
})
