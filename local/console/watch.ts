// Looks at something again and again over one connection, and says what is wrong when it cannot.

import { errorMessage } from '../machine/error-message.ts'

export type View<Look> = {
  /** The last look that succeeded. */
  seen: Look | null
  /** When the last look ended, whether it succeeded or not. */
  lookedAt: number
  /** Why there is none now, and since when. */
  trouble: { since: number; error: string } | null
}

type Watched<Client, Look> = {
  open: () => Promise<Client>
  look: (client: Client) => Promise<Look>
  close: (client: Client) => Promise<unknown>
  /** Between two looks. */
  ms: number
  changed: () => void
}

/**
 * Looks between `start` and `stop`, which resolves when there is no connection any more. Where a look fails, it
 * connects anew.
 */
export function watch<Client, Look>({ open, look, close, ms, changed }: Watched<Client, Look>) {
  let view: View<Look> = { seen: null, lookedAt: 0, trouble: null }
  let stopping = new AbortController()
  let running: Promise<void> | undefined

  async function run(signal: AbortSignal) {
    let client: Client | undefined
    while (!signal.aborted) {
      try {
        client ??= await open()
        view = { seen: await look(client), lookedAt: Date.now(), trouble: null }
      } catch (error) {
        view = {
          ...view,
          lookedAt: Date.now(),
          trouble: { since: view.trouble?.since ?? Date.now(), error: errorMessage(error) },
        }
        if (client) await close(client).catch(() => {})
        client = undefined
      }
      changed()
      await pause(ms, signal)
    }
    if (client) await close(client).catch(() => {})
  }

  return {
    view: () => view,
    start() {
      stopping = new AbortController()
      running = run(stopping.signal)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Ends early when the signal comes. */
export const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
