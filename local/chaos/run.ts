// A run: load, faults one after the other, then peace; and what came of it.

import { setTimeout } from 'node:timers/promises'
import { allFaults, type FaultName, faultOf, possibleFaults, strike } from './faults.ts'
import type { Step } from '../rig/gate.ts'
import { startLoad } from './load.ts'
import type { Where } from './nodes/nodes.ts'
import { planRounds } from './plan.ts'
import { seeded } from './random.ts'
import type { Disturbance } from './repeats.ts'
import { settle } from './settle.ts'
import { type Stack, startStack } from './stack.ts'
import { judge, promise, type Result, resultOf } from './result.ts'

export type Options = {
  rounds: number
  seed: number // of the faults and of what clients do, but not of when they get to it
  where: Where
  faults?: FaultName[] // to draw from, as far as they can be had there
  log?: (message: string) => void
  signal?: AbortSignal // ends it
}

const CALM = 1_000 // ms of load before the first fault
const NO_STEP = 8_000 // ms after which a fault comes though nobody has come to its step: Kafka may be left alone after a failure
const AFTERMATH = 500 // ms in which who had lost the database may meet another broken connection

/** Throws where something did not come up again. */
export async function runChaos({
  rounds,
  seed,
  where,
  faults = allFaults,
  log = () => {},
  signal,
}: Options): Promise<Result> {
  const stack = await startStack(where, seeded(seed))
  const wait = (ms: number) => setTimeout(ms, undefined, { signal })
  const load = startLoad(seed, () => stack.workers.map((worker) => worker.url()), stack.postgres.url)
  try {
    await wait(CALM)
    let struckAtStep = 0
    const disturbances: Disturbance[] = []
    const plan = planRounds(seed, rounds, possibleFaults(faults, stack))
    for (const [i, round] of plan.entries()) {
      await wait(round.after)
      const held = round.step && (await holdAt(round.step, stack, signal))
      const from = Date.now()
      if (held) struckAtStep++
      const worker = held?.worker ?? round.worker
      const end = await strike(stack, round, worker).finally(held?.release)
      await wait(round.lasts)
      const ending = Date.now()
      await end()
      const { disturbs } = faultOf(round.fault)
      const until = Date.now() + AFTERMATH
      if (disturbs) disturbances.push(disturbs === 'the Worker' ? { worker, from, until } : { from, until })
      log(
        `${String(i + 1).padStart(4)}/${rounds}  ${round.fault} ${held ? round.step : 'at any time'}, ${round.lasts} ms, ended after ${Date.now() - ending} more`,
      )
    }
    const report = await load.stop()
    const { state, records } = await settle(stack, signal)
    const { lines } = judge({
      load: report,
      state,
      records,
      sendings: stack.sendings(),
      disturbances,
      topics: stack.topics,
    })
    const planned = plan.filter(({ step }) => step).length
    const missed = struckAtStep < planned / 2 ? [`of ${planned}: the steps are not recognised`] : []
    return resultOf([{ ...promise('faults that struck at their step', missed), value: String(struckAtStep) }, ...lines])
  } finally {
    await load.abandon()
    await stack.stop()
  }
}

/** There is a failure to be noted only where there is one. */
async function holdAt(step: Step, { gate, behave }: Stack, signal: AbortSignal | undefined) {
  if (step !== 'before a failure is noted') return gate.hold(step, NO_STEP, signal)
  await behave('hanging up before writing')
  const held = await gate.hold(step, NO_STEP, signal)
  await behave('kind')
  return held
}
