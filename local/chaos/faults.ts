// What goes wrong, one after the other: drawn from a seed, so that a run can be repeated.

import { type Step, STEPS } from './gate.ts'
import { seeded } from './random.ts'
import { ERRORS, type Manner } from './relay.ts'
import type { MortalWorker, Stack } from './stack.ts'

/** Begins a fault and gives what ends it. `worker` is the one it is about, where it is about one; `draw` is from 0 to 1. */
type Strike = (stack: Stack, worker: MortalWorker, draw: number) => Promise<() => Promise<unknown> | void>
/** How long it lasts: from and to, in ms. */
type Fault = { lasts: [number, number]; strike: Strike }

const SHORT: [number, number] = [100, 1_500]
const FOR_SENDS: [number, number] = [800, 3_200] // some end before the deadline of a send, some after it
const PAST_LEASE: [number, number] = [5_100, 5_700]

const relayed =
  (manner: (draw: number) => Manner): Strike =>
  async ({ behave }, _worker, draw) => {
    await behave(manner(draw))
    return () => behave('kind')
  }
const lying = (error: number) => relayed((draw) => ({ lying: error, share: 0.3 + 0.7 * draw }))

const faults = {
  'a Worker is killed': {
    lasts: SHORT,
    async strike(_stack, worker) {
      await worker.kill()
      return () => worker.start()
    },
  },
  'a Worker stands still for longer than the lease': {
    lasts: PAST_LEASE,
    async strike(_stack, worker) {
      worker.signal('SIGSTOP')
      return () => worker.signal('SIGCONT')
    },
  },
  'the proxy is killed': {
    lasts: SHORT,
    async strike({ proxy }) {
      await proxy.kill()
      return () => proxy.start()
    },
  },
  'the proxy stands still': {
    lasts: FOR_SENDS,
    async strike({ proxy }) {
      proxy.signal('SIGSTOP')
      return () => proxy.signal('SIGCONT')
    },
  },
  'Postgres is killed': {
    lasts: SHORT,
    async strike({ postgres }) {
      await postgres.kill()
      return () => postgres.start()
    },
  },
  'the broker is killed': {
    lasts: SHORT,
    async strike(stack, worker, draw) {
      const { broker } = stack
      if (!broker) return relayed(() => 'refusing')(stack, worker, draw) // it is not ours to kill
      await broker.kill()
      return () => broker.start()
    },
  },
  'the broker refuses connections': { lasts: FOR_SENDS, strike: relayed(() => 'refusing') },
  'the broker accepts and is silent': { lasts: FOR_SENDS, strike: relayed(() => 'silent') },
  'the broker is slow': { lasts: FOR_SENDS, strike: relayed((draw) => ({ slow: 50 + Math.floor(900 * draw) })) },
  'the broker hangs up before it has written': { lasts: SHORT, strike: relayed(() => 'hanging up before writing') },
  'the broker hangs up after it has written': { lasts: SHORT, strike: relayed(() => 'hanging up after writing') },
  'the broker writes and says NOT_LEADER_OR_FOLLOWER': { lasts: SHORT, strike: lying(ERRORS.NOT_LEADER_OR_FOLLOWER) },
  'the broker writes and says REQUEST_TIMED_OUT': { lasts: SHORT, strike: lying(ERRORS.REQUEST_TIMED_OUT) },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
export const allFaults = Object.keys(faults).filter((name): name is FaultName => name in faults)

/** A fault, so many ms after the last; at a step, when one of the Workers comes to it, or at any time. */
export type Round = { fault: FaultName; after: number; step: Step | undefined; lasts: number; worker: number; draw: number }

const AFTER: [number, number] = [100, 700]

/** Every fault of `names` comes before one comes again, and so does every step. Where their numbers have no common divisor, as those of all faults and all steps, each fault meets each step in time. */
export function planRounds(seed: number, count: number, names: FaultName[] = allFaults): Round[] {
  const random = seeded(seed)
  const turn = random.shuffled(names)
  const steps = random.shuffled([undefined, ...STEPS])
  const inTurn = Array.from({ length: Math.ceil(count / turn.length) }, () => turn).flat()
  return inTurn.slice(0, count).map((fault, i) => {
    const [after, lasts] = [random.between(...AFTER), random.between(...faults[fault].lasts)]
    return { fault, after, step: steps[i % steps.length], lasts, worker: random.between(0, 1), draw: random.next() }
  })
}

/** Gives what ends the fault. `index` is the Worker that it is about, where it is about one. */
export async function strike(stack: Stack, { fault, draw }: Round, index: number) {
  const worker = stack.workers[index]
  if (!worker) throw new Error(`There is no Worker ${index}`)
  const { strike }: Fault = faults[fault]
  return strike(stack, worker, draw)
}
