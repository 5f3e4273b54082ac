// A run: load, faults one after the other, then peace; and what came of it.

import { setTimeout } from 'node:timers/promises'
import { allFaults, type FaultName, planRounds, strike } from './faults.ts'
import type { Step } from './gate.ts'
import { startLoad } from './load.ts'
import { seeded } from './random.ts'
import { settle } from './settle.ts'
import { type Stack, startStack } from './stack.ts'
import { judge, type Verdict, verdictOf } from './verdict.ts'

export type Options = {
  rounds: number
  seed: number // of the faults and of what clients do, but not of when they get to it
  kafka?: string | undefined // host:port of a broker to use
  faults?: FaultName[] // to draw from
  log?: (message: string) => void
  signal?: AbortSignal // ends it
}

const CALM = 1_000 // ms of load before the first fault
const NO_STEP = 8_000 // ms after which a fault comes though nobody has come to its step: Kafka may be left alone after a failure

/** Throws where something did not come up again. */
export async function runChaos({ rounds, seed, kafka, faults = allFaults, log = () => {}, signal }: Options): Promise<Verdict> {
  const stack = await startStack(kafka, seeded(seed))
  const wait = (ms: number) => setTimeout(ms, undefined, { signal })
  const load = startLoad(seed, () => stack.workers.map((worker) => worker.url()))
  try {
    await wait(CALM)
    let firstFaultAt = Infinity
    let struckAtStep = 0
    const plan = planRounds(seed, rounds, faults)
    for (const [i, round] of plan.entries()) {
      await wait(round.after)
      firstFaultAt = Math.min(firstFaultAt, Date.now())
      const held = round.step && (await holdAt(round.step, stack, signal))
      if (held) struckAtStep++
      const end = await strike(stack, round, held?.worker ?? round.worker).finally(held?.release)
      await wait(round.lasts)
      await end()
      log(`${String(i + 1).padStart(4)}/${rounds}  ${round.fault} ${held ? round.step : 'at any time'}, ${round.lasts} ms`)
    }
    const report = await load.stop()
    const { state, records } = await settle(stack, signal)
    const { lines } = judge({ load: report, state, records, topics: stack.topics, firstFaultAt })
    const planned = plan.filter(({ step }) => step).length
    const missed = struckAtStep < planned / 2 ? [`of ${planned}: the steps are not recognised`] : []
    const line = { name: 'faults that struck at their step', value: String(struckAtStep), violations: missed }
    return verdictOf([line, ...lines])
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
