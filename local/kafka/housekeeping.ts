// What a broker does by itself every few seconds: it removes what topics need not keep, and compacts what they keep by
// key.

import { openCleaner } from './log/cleaner.ts'
import type { PartitionLog } from './log/partition-log.ts'
import { retain } from './log/retention.ts'

export const CLEANER_BACKOFF = 15_000 // ms, as Kafka's log.cleaner.backoff.ms

export type Housekeeping = ReturnType<typeof keepHouse>

/** Every `interval` ms. `logs` gives those that there are by then. */
export function keepHouse(logs: () => PartitionLog[], interval: number, report: (message: string) => void) {
  const cleaner = openCleaner(logs, report)
  /** Resolves when nothing is left to do. */
  const look = (now = Date.now()) => {
    for (const log of logs()) retain(log, now)
    return cleaner.clean(now)
  }
  const timer = setInterval(() => void look(), interval).unref()
  return {
    look,
    close() {
      clearInterval(timer)
      return cleaner.close()
    },
  }
}
