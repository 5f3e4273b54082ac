import { access, chmod, constants, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { errorMessage } from '../machine/error-message.ts'

/** Where everything local is kept until `npm run reset`: LOCAL_DATA, or a folder of this checkout. */
export const DATA = resolve(process.env.LOCAL_DATA || join(import.meta.dirname, '../.data'))

/** Makes it, for its owner alone. The Postgres of root runs as another user, who has to pass through. */
export async function makeData() {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    await mkdir(DATA, { recursive: true, mode })
    if (!process.env.LOCAL_DATA) await chmod(DATA, mode) // of an older checkout
    await access(DATA, constants.W_OK)
  } catch (cause) {
    throw new Error(`data cannot be kept: ${errorMessage(cause)}. Name a folder that you can write in LOCAL_DATA`, {
      cause,
    })
  }
}
