import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../lib/outbox/drain.ts'

/**
 * A clock that stands still but for what a test, or a pause of who is tested, turns it on by. A pause lets everything
 * else that is ready go first.
 */
export function virtualClock(
  start = Date.UTC(2026, 0, 1),
): Clock & { pass: (ms: number) => void; elapsed: () => number } {
  let elapsed = 0
  return {
    now: () => start + elapsed,
    async pause(ms) {
      elapsed += ms
      await setImmediate()
    },
    pass: (ms) => void (elapsed += ms),
    elapsed: () => elapsed,
  }
}
