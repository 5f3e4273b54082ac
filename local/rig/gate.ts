// The steps from a request to a record. Whoever comes to the one that is waited for is held there, for a fault to
// strike just then.

export const STEPS = [
  'before the change is committed',
  'after the change is committed',
  'before a batch is taken',
  'after a batch is taken',
  'before Kafka has the records',
  'after Kafka has the records',
  'before a failure is noted',
  'before the acknowledged events are deleted',
  'after the acknowledged events are deleted',
] as const
export type Step = (typeof STEPS)[number]

/** Called by who comes by; it may go on when the promise resolves. */
export type Checkpoint = (step: Step) => Promise<void>
/** Which Worker is held, and what lets it go on. */
type Held = { worker: number; release: () => void }

export function openGate() {
  let awaited: { step: Step; came: (held: Held) => void } | undefined
  return {
    /** Of one Worker. */
    checkpointOf:
      (worker: number): Checkpoint =>
      async (step) => {
        if (awaited?.step !== step) return
        const { came } = awaited
        awaited = undefined
        const released = Promise.withResolvers<void>()
        came({ worker, release: released.resolve })
        await released.promise
      },
    /** Holds the first that comes to the step; gives undefined if nobody has come after `ms`. */
    async hold(step: Step, ms: number, signal?: AbortSignal): Promise<Held | undefined> {
      const { promise, resolve } = Promise.withResolvers<Held | undefined>()
      const waiting = { step, came: resolve }
      awaited = waiting
      const over = AbortSignal.any([AbortSignal.timeout(ms), ...(signal ? [signal] : [])])
      over.addEventListener('abort', () => {
        if (awaited === waiting) awaited = undefined // nobody is held any more, not even who comes right now
        resolve(undefined)
      })
      const held = await promise
      signal?.throwIfAborted()
      return held
    },
  }
}
