// What goes wrong: each fault with how long it lasts, what it disturbs, and how it begins and ends.

import { type Fault, FOR_SENDS, SHORT } from './fault.ts'
import { kafkaFaults } from './kafka-faults.ts'
import type { Stack } from './stack.ts'

const PAST_LEASE: Fault['lasts'] = [5_100, 5_700]

const faults = {
  'a Worker is killed': {
    lasts: SHORT,
    disturbs: 'the Worker',
    async strike(_stack, worker) {
      await worker.kill()
      return () => worker.start()
    },
  },
  'a Worker stands still for longer than the lease': {
    lasts: PAST_LEASE,
    disturbs: 'the Worker',
    async strike(_stack, worker) {
      worker.signal('SIGSTOP')
      return () => worker.signal('SIGCONT')
    },
  },
  'the proxy is killed': {
    lasts: SHORT,
    disturbs: 'the database',
    async strike({ proxy }) {
      await proxy.kill()
      return () => proxy.start()
    },
  },
  'the proxy stands still': {
    lasts: FOR_SENDS,
    disturbs: 'the database',
    async strike({ proxy }) {
      proxy.signal('SIGSTOP')
      return () => proxy.signal('SIGCONT')
    },
  },
  'Postgres is killed': {
    lasts: SHORT,
    disturbs: 'the database',
    async strike({ postgres }) {
      await postgres.kill()
      return () => postgres.start()
    },
  },
  ...kafkaFaults,
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
export const allFaults = Object.keys(faults).filter((name): name is FaultName => name in faults)
export const faultOf = (name: FaultName): Fault => faults[name]

/** Those that can be had: nobody's nodes but ours are killed. */
export const possibleFaults = (names: FaultName[], { cluster }: Pick<Stack, 'cluster'>) =>
  names.filter((name) => cluster.nodes || !faultOf(name).ours)

/** Gives what ends the fault. `index` is the Worker that it is about, where it is about one. */
export async function strike(stack: Stack, { fault, draw }: { fault: FaultName; draw: number }, index: number) {
  const worker = stack.workers[index]
  if (!worker) throw new Error(`There is no Worker ${index}`)
  return faultOf(fault).strike(stack, worker, draw)
}
