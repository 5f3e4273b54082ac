import { setTimeout } from 'node:timers/promises'
import type { Stack } from './stack.ts'
import { readTopics } from '../rig/read-topics.ts'
import { countPending, readState } from '../rig/history.ts'

const SETTLE = 60_000 // ms until nothing is pending: longer than the longest backoff
const CRON = 250 // ms between two looks
const CRON_LASTS = 30_000 // ms at most

/**
 * The state when nothing is pending, and all records of that time: what was under way then is waited for. After 60 s it
 * gives what there is.
 */
export async function settle(stack: Stack, signal: AbortSignal | undefined) {
  const end = Date.now() + SETTLE
  for (;;) {
    while ((await countPending(stack.postgres.url)) > 0 && Date.now() < end) {
      await runCrons(stack, signal)
      await setTimeout(CRON, undefined, { signal })
    }
    const before = await readState(stack.postgres.url)
    const records = await readTopics(stack.cluster.brokers, Object.values(stack.topics))
    const state = await readState(stack.postgres.url)
    const settled = before.pending === 0 && state.changes.length === before.changes.length
    if (settled || Date.now() > end) return { state, records }
  }
}

/** What a minute does, in every Worker. */
export async function runCrons({ workers }: Stack, signal: AbortSignal | undefined) {
  const over = AbortSignal.any([AbortSignal.timeout(CRON_LASTS), ...(signal ? [signal] : [])])
  await Promise.all(workers.map((worker) => fetch(new URL('/cdn-cgi/local/scheduled', worker.url()), { signal: over })))
}
