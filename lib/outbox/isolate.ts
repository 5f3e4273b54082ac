// What an isolate knows of its publisher. Requests may share facts, but no I/O: a promise of another request must not
// be awaited.

import { type ClusterView, newClusterView } from '../kafka/metadata.ts'

const SILENT = 10_000 // ms without a sign of life after which a publisher of this isolate counts as dead
const MOST_BACKOFF = 30_000 // ms

export type Isolate = {
  name: string // '' until it has published something: an isolate has no random numbers before its first request
  aliveAt: number // ms since the epoch: its publisher's last sign of life, 0 where there is none
  wanted: boolean // whether somebody has committed an event since its publisher last looked
  backoffUntil: number // ms since the epoch before which Kafka is left alone
  failures: number // to reach Kafka, in a row
  view: ClusterView // of Kafka's brokers, as they last told
}

export const newIsolate = (): Isolate => ({
  name: '',
  aliveAt: 0,
  wanted: false,
  backoffUntil: 0,
  failures: 0,
  view: newClusterView(),
})

/** Whether a caller must publish itself: nobody of this isolate does, and Kafka is not to be left alone. */
export const needsPublisher = ({ aliveAt, backoffUntil }: Isolate, now: number) =>
  now >= backoffUntil && now >= aliveAt + SILENT

/**
 * Notes a failure to reach Kafka: this isolate leaves it alone for 1 s, doubling to 30 s, or for longer where all do.
 * Returns that time in ms.
 */
export function noteFailure(isolate: Isolate, now: number, backoff: number | null): number {
  const own = Math.min(1_000 * 2 ** Math.min(isolate.failures++, 5), MOST_BACKOFF)
  const time = Math.max(own, backoff ?? 0)
  isolate.backoffUntil = now + time
  isolate.view = newClusterView() // the cluster may have moved
  return time
}
