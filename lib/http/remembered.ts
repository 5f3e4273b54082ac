// An answer that is dear, and that all requests of an isolate may share for a moment.

type Clock = { now: () => number; pause: (ms: number) => Promise<unknown> }
const realClock: Clock = { now: Date.now, pause: (ms) => new Promise((wake) => setTimeout(wake, ms)) }

const POLL = 10 // ms between two looks at what another request has found

/**
 * Gives a function that calls the one it is given once in `lifetime` ms at most, however many ask at the same time, and
 * remembers what came of it. Who finds another asking waits for that one by a timer of its own, as a request must not
 * await a promise of another. One that has been asking for `patience` ms was cut off with its request: the next one
 * asks.
 */
export function remembered<T>(lifetime: number, patience: number, clock = realClock) {
  let known: { value: T; at: number } | undefined
  let askingSince: number | undefined
  return async (ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      const now = clock.now()
      if (known && now < known.at + lifetime) return known.value
      if (askingSince !== undefined && now < askingSince + patience) {
        await clock.pause(POLL)
        continue
      }
      askingSince = now
      try {
        const value = await ask()
        known = { value, at: clock.now() }
        return value
      } finally {
        if (askingSince === now) askingSince = undefined // one that was given up may end while the next one asks
      }
    }
  }
}
