// Who compacts logs, one after the other and the filthiest first, as Kafka's log cleaner does. A broker is one thread, so
// this works in short slices, between which others have their turn.

import { setImmediate } from 'node:timers/promises'
import { errorMessage } from '../../machine/error-message.ts'
import { cleanable } from './cleaning-policy.ts'
import { cleanLog, Damaged, Interrupted } from './clean-log.ts'
import type { PartitionLog } from './partition-log.ts'

const SLICE = 4 // ms

export function openCleaner(logs: () => Iterable<PartitionLog>, report: (message: string) => void) {
  const uncleanable = new WeakSet<PartitionLog>() // damaged ones, as Kafka calls them
  let running: Promise<void> | undefined
  let stopped = false
  let began = 0

  const slice = async () => {
    await setImmediate()
    if (stopped) throw new Interrupted()
    began = performance.now()
  }
  const rest = () => (performance.now() - began < SLICE ? undefined : slice())

  const filthiest = (now: number, tried: Set<PartitionLog>) => {
    let most: { log: PartitionLog; ratio: number; dirty: number; bound: number } | undefined
    for (const log of logs()) {
      const found = tried.has(log) || uncleanable.has(log) ? undefined : cleanable(log, log.stable, now)
      if (found && found.ratio > (most?.ratio ?? -1)) most = { log, ...found }
    }
    return most
  }

  const run = async (now: number) => {
    const failed = new Set<PartitionLog>()
    for (let found = filthiest(now, failed); found && !stopped; found = filthiest(now, failed)) {
      const { log } = found
      try {
        await slice()
        await cleanLog(log, found, now, rest)
      } catch (error) {
        failed.add(log)
        if (error instanceof Interrupted) continue
        if (error instanceof Damaged) uncleanable.add(log)
        report(`${log.path}: not compacted: ${errorMessage(error)}`)
      }
    }
  }

  return {
    /** Resolves when nothing is left that is worth it. */
    clean: (now = Date.now()) => (running ??= run(now).finally(() => (running = undefined))),
    async close() {
      stopped = true
      await running
    },
  }
}
