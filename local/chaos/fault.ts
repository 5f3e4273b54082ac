import type { KillableWorker, Stack } from './stack.ts'

/**
 * Begins a fault and gives what ends it, which resolves when what was hit can be used again. `worker` is the one it is
 * about, where it is about one; `draw` is from 0 to 1.
 */
export type Strike = (stack: Stack, worker: KillableWorker, draw: number) => Promise<() => Promise<unknown> | void>
export type Fault = {
  lasts: [number, number] // from and to, in ms
  disturbs?: 'the Worker' | 'the database' // what is dead or stands still; what happens to Kafka is seen by who sends
  ours?: boolean // it takes nodes that are ours
  strike: Strike
}

export const SHORT: Fault['lasts'] = [100, 1_500]
export const FOR_SENDS: Fault['lasts'] = [800, 3_200] // some end before the deadline of a send, some after it
