import { setTimeout } from 'node:timers/promises'
import { errorMessage } from '../machine/error-message.ts'

const CLOSE_MS = 2_000

/** Closes one of several: when it fails or hangs this is said, and the others have their turn. What hangs ends with this process. */
export async function closeInTime(
  name: string,
  close: () => Promise<unknown>,
  log: (message: string) => void,
  ms = CLOSE_MS,
) {
  const ended = new AbortController()
  const late = setTimeout(ms, undefined, { signal: ended.signal }).then(
    () => log(`${name}: has not ended within ${ms / 1000} s`),
    () => {},
  )
  await Promise.race([late, close().catch((error: unknown) => log(`${name}: ${errorMessage(error)}`))])
  ended.abort()
}
