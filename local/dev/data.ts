import { access, chmod, constants, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { errorMessage } from '../machine/error-message.ts'

/** Where everything local is kept until `npm run reset`: LOCAL_DATA, or a folder of this checkout. */
export const DATA = resolve(process.env.LOCAL_DATA || join(import.meta.dirname, '../.data'))

/**
 * Makes it, for its owner alone. Root's is one that others can pass through, as its Postgres runs as another user. So
 * is a LOCAL_DATA that has been there before, whose mode is not ours: what is in it is closed by itself, as `postgres`
 * is by identity.ts.
 */
export async function makeData() {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    await mkdir(DATA, { recursive: true, mode })
    if (!process.env.LOCAL_DATA) await chmod(DATA, mode) // of an older checkout
    await access(DATA, constants.W_OK)
    for (const folder of ['kafka', 'wrangler'].map((name) => join(DATA, name))) {
      await mkdir(folder, { recursive: true })
      await chmod(folder, 0o700)
    }
  } catch (cause) {
    throw new Error(`data cannot be kept: ${errorMessage(cause)}. Name a folder that you can write in LOCAL_DATA`, {
      cause,
    })
  }
}
