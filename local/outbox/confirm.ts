import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

type Terminal = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream }

/** Asks on a terminal. Only `y` or `yes` is one; Enter, Ctrl-C and the end of the input are a no. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  const lines = createInterface(terminal)
  const closed = once(lines, 'close').then(() => '')
  const answered = lines.question(`${question} [y/N] `).catch(() => '')
  const answer = await Promise.race([answered, closed])
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}
