// Which of the page's experiments were seen to happen. What to do and what to expect is in page/experiments.ts.

import type { State } from './state.ts'

const EXPERIMENTS = ['first', 'same', 'share', 'idle', 'leave', 'kill', 'lag', 'broker', 'again', 'poison'] as const
export type Experiment = (typeof EXPERIMENTS)[number]

/** What has been seen so far, for those that need a before and an after. */
export type Memory = { lagged: boolean; filled: boolean; left: number | null; died: number | null }
export const nothingYet: Memory = { lagged: false, filled: false, left: null, died: null }

const MANY = 20

/** Which are seen now, and what is to be remembered. `dead` is how many records were set aside. */
export function seenNow(
  state: Omit<State, 'experiments'>,
  dead: number,
  memory: Memory,
): { seen: Experiment[]; memory: Memory } {
  const { requests, topics, groups, story, kafka, postgres, replays } = state
  const records = topics.flatMap(({ partitions }) => partitions.flatMap((partition) => partition.records))
  const keys = new Set(records.map(({ key }) => key))
  const apps = groups.filter(({ kind }) => kind === 'app')
  const pending = postgres.seen?.outbox.pending ?? 0
  const down = kafka.trouble !== null || kafka.paused
  const next: Memory = {
    lagged:
      memory.lagged ||
      apps.some(({ lag, members }) => (lag ?? 0) >= MANY && members.some(({ here }) => here && here.slow > 0)),
    filled: memory.filled || (down && pending > 0),
    left: memory.left ?? story.find(({ kind }) => kind === 'left')?.at ?? null,
    died: memory.died ?? story.find(({ kind }) => kind === 'died')?.at ?? null,
  }
  const sharedAfter = (at: number | null) =>
    at !== null && story.some((chapter) => chapter.kind === 'shared' && chapter.at >= at)
  const checks: { [name in Experiment]: boolean } = {
    first: requests.some(({ productId }) => productId !== null && keys.has(String(productId))),
    same: records.some(({ type }) => type === 'product.updated'),
    share: apps.some(({ members }) => members.filter(({ partitions }) => partitions.length > 0).length > 1),
    idle: apps.some(
      ({ members }) =>
        members.some(({ here }) => here?.state === 'idle') && members.some((each) => each.partitions.length > 0),
    ),
    leave: sharedAfter(next.left),
    kill: sharedAfter(next.died),
    lag: next.lagged && apps.some(({ lag, members }) => lag === 0 && members.length > 0),
    broker: next.filled && !down && pending === 0,
    again: replays.some(({ seen, expected, doneAgain }) => seen >= expected && doneAgain === 0),
    poison: dead > 0,
  }
  return { seen: EXPERIMENTS.filter((name) => checks[name]), memory: next }
}
