import { setTimeout } from 'node:timers/promises'
import type { Stack } from './stack.ts'
import { readTopics } from './topics.ts'
import { countPending, readState } from './truth.ts'

const SETTLE = 60_000 // ms until nothing is pending: longer than the longest backoff
const CRON = 250 // ms between two looks

/** The state when nothing is pending, and all records of that time: what was under way then is waited for. */
export async function settle(stack: Stack, signal: AbortSignal | undefined) {
  const end = Date.now() + SETTLE
  for (;;) {
    while ((await countPending(stack.postgres.url)) > 0 && Date.now() < end) {
      await runCrons(stack)
      await setTimeout(CRON, undefined, { signal })
    }
    const before = await readState(stack.postgres.url)
    const records = await readTopics(stack.brokers, Object.values(stack.topics))
    const state = await readState(stack.postgres.url)
    if (state.changes.length === before.changes.length || Date.now() > end) return { state, records }
  }
}

/** What a minute does, in every Worker. */
export const runCrons = ({ workers }: Stack) =>
  Promise.all(workers.map((worker) => fetch(new URL('/cdn-cgi/local/scheduled', worker.url()))))
