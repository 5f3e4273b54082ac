// Which fault comes when: drawn from a seed, so that a run can be repeated.

import { type FaultName, faultOf } from './faults.ts'
import { type Step, STEPS } from '../rig/gate.ts'
import { seeded } from './random.ts'

/** A fault, so many ms after the last; at a step, when one of the Workers comes to it, or at any time. */
export type Round = {
  fault: FaultName
  after: number
  step: Step | undefined
  lasts: number
  worker: number
  draw: number
}

const AFTER: [number, number] = [100, 700]

/**
 * Every fault of `names` comes before one comes again, and so does every step; each fault has met each step before it
 * meets one again.
 */
export function planRounds(seed: number, count: number, names: FaultName[]): Round[] {
  const random = seeded(seed)
  const turn = random.shuffled(names)
  const steps = random.shuffled([undefined, ...STEPS])
  const repetition = leastCommonMultiple(turn.length, steps.length) // rounds after which the same pairs would come again
  const inTurn = Array.from({ length: Math.ceil(count / turn.length) }, () => turn).flat()
  return inTurn.slice(0, count).map((fault, i) => {
    const [after, lasts] = [random.between(...AFTER), random.between(...faultOf(fault).lasts)]
    const step = steps[(i + Math.floor(i / repetition)) % steps.length]
    return { fault, after, step, lasts, worker: random.between(0, 1), draw: random.next() }
  })
}

function leastCommonMultiple(a: number, b: number) {
  let multiple = a
  while (multiple % b) multiple += a
  return multiple
}
