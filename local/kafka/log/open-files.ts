// The files that are open. A broker may have more partitions than a process may have files open, so those that were
// used longest ago are closed, and opened again when they are needed.

import { closeSync, constants, openSync } from 'node:fs'

const MOST = 200

export type OpenFiles = ReturnType<typeof openFiles>

export function openFiles(most = MOST) {
  const descriptors = new Map<string, number>() // the one used last is the last
  const { O_RDWR, O_CREAT } = constants

  const forget = (path: string) => {
    const descriptor = descriptors.get(path)
    if (descriptor === undefined) return
    descriptors.delete(path)
    closeSync(descriptor)
  }

  return {
    /** The descriptor of a file, which is made where there is none. It is good until the next call. */
    at(path: string) {
      const known = descriptors.get(path)
      const descriptor = known ?? openSync(path, O_RDWR | O_CREAT, 0o644)
      if (known !== undefined) descriptors.delete(path)
      descriptors.set(path, descriptor)
      const [oldest] = descriptors.keys()
      if (descriptors.size > most && oldest !== undefined) forget(oldest)
      return descriptor
    },
    /** Before a file is removed or has another name. */
    forget,
    close: () => [...descriptors.keys()].forEach(forget),
  }
}
