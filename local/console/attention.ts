// Whether anybody looks: only then is anybody asked.

import { setTimeout as sleep } from 'node:timers/promises'

const LINGER = 10_000 // ms from the last look until nobody is asked any more: a page that is loaded again finds all as it was
const FIRST = 3_000 // ms that a first look may take
const FRESH = 1_000 // ms that a look stays good
const STEP = 20 // ms

/** `wake` and `rest` come in turn, each when the one before has ended. */
export function openAttention(wake: () => void, rest: () => Promise<unknown>) {
  let isAwake = false
  let pages = 0
  let turn: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function arouse() {
    clearTimeout(timer)
    turn = turn.then(() => {
      if (isAwake || closed) return
      isAwake = true
      wake()
    })
    if (!pages) timer = setTimeout(() => void fallAsleep(), LINGER)
  }
  function fallAsleep() {
    turn = turn.then(async () => {
      if (!isAwake || (pages && !closed)) return
      isAwake = false
      await rest()
    })
    return turn
  }

  return {
    /** So many pages look now. */
    seenBy(count: number) {
      pages = count
      arouse()
    },
    /**
     * Somebody looks once. Resolves when what is known is of now, or when that takes too long. `lookedAt` says of when
     * it is.
     */
    async look(lookedAt: () => number) {
      arouse()
      const asked = Date.now()
      while (lookedAt() < asked - FRESH && Date.now() < asked + FIRST && !closed) await sleep(STEP)
    },
    async close() {
      clearTimeout(timer)
      closed = true
      await fallAsleep()
    },
  }
}
