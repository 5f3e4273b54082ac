import { expect, test } from 'vitest'
import { allFaults } from './faults.ts'
import { STEPS } from '../rig/gate.ts'
import { planRounds } from './plan.ts'

test('a seed gives the same rounds again, another seed gives others', () => {
  expect(planRounds(7, 40, allFaults)).toEqual(planRounds(7, 40, allFaults))
  expect(planRounds(7, 40, allFaults)).not.toEqual(planRounds(8, 40, allFaults))
})

test('every fault comes before one comes again, and so does every step, and both Workers have their share', () => {
  const rounds = planRounds(1, 3 * allFaults.length, allFaults)
  for (let i = 0; i < 3; i++) {
    const names = rounds.slice(i * allFaults.length, (i + 1) * allFaults.length).map(({ fault }) => fault)
    expect(new Set(names)).toEqual(new Set(allFaults))
  }
  expect(new Set(rounds.slice(0, STEPS.length + 1).map(({ step }) => step))).toEqual(new Set([undefined, ...STEPS]))
  expect(new Set(rounds.map(({ worker }) => worker))).toEqual(new Set([0, 1]))
})

test.each([1, 2, 5, 10, 15, allFaults.length])('each of %i faults meets every step', (size) => {
  const names = allFaults.slice(0, size)
  const count = names.length * (STEPS.length + 1)
  const pairs = planRounds(1, count, names).map(({ fault, step }) => `${fault} ${step}`)
  expect(new Set(pairs).size).toBe(count)
})
