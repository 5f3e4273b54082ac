// What the logs of all partitions share: open files, and how much of what they wrote a start would have to look through.
// As soon as that is too much, each log that was written to makes a checkpoint.

import { errorMessage } from '../../machine/error-message.ts'
import { openFiles } from './open-files.ts'

const CHECKPOINT_EVERY = 8 * 1024 * 1024 // bytes: looked through in about 20 ms

type Checkpointed = { checkpoint(): Promise<void> }
export type Storage = ReturnType<typeof openStorage>

export function openStorage(report: (message: string) => void) {
  const files = openFiles()
  const written = new Set<Checkpointed>()
  let unchecked = 0 // bytes
  let running = Promise.resolve()

  const checkpoint = (log: Checkpointed) =>
    log.checkpoint().catch((error: unknown) => report(`no checkpoint: ${errorMessage(error)}`))
  const take = () => {
    const logs = [...written]
    written.clear()
    unchecked = 0
    return logs
  }

  return {
    files,
    report,
    checkpoint,
    wrote(log: Checkpointed, bytes: number) {
      written.add(log)
      unchecked += bytes
      if (unchecked < CHECKPOINT_EVERY) return
      const logs = take()
      running = running.then(async () => {
        for (const log of logs) await checkpoint(log)
      })
    },
    async close() {
      await running
      await Promise.all(take().map(checkpoint))
      files.close()
    },
  }
}
