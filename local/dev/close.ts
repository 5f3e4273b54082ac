import { within } from '../../lib/kafka/deadline.ts'
import { errorMessage } from '../machine/error-message.ts'

const CLOSE_MS = 2_000

/**
 * Closes one of several: when it fails or hangs this is said, and the others have their turn. What hangs ends with this
 * process.
 */
export async function closeInTime(
  name: string,
  close: () => Promise<unknown>,
  log: (message: string) => void,
  ms = CLOSE_MS,
) {
  try {
    await within(ms, close(), new Error(`has not ended within ${ms / 1000} s`))
  } catch (error) {
    log(`${name}: ${errorMessage(error)}`)
  }
}
