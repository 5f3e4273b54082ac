// The bytes of one segment: in a file, or in memory where a broker has no folder.

import { existsSync, ftruncateSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { OpenFiles } from './open-files.ts'

export interface StoredBytes {
  readonly size: number
  readonly modified: number // ms since the epoch: when it was last written to
  /** Throws, and leaves nothing of it, where there is no room for all of it. */
  append(data: Buffer): void
  /** Fewer than `length` where there are no more. */
  read(at: number, length: number): Buffer
  truncate(size: number): void
  /** Resolves when the disk has them. */
  flush(): Promise<void>
  remove(): void
}

export function fileBytes(files: OpenFiles, path: string): StoredBytes {
  const stats = existsSync(path) ? statSync(path) : undefined
  let size = stats?.size ?? 0
  let modified = stats?.mtimeMs ?? Date.now()
  let torn = false // there may be bytes beyond `size`, which could not be cut off

  const cut = () => {
    torn = true
    ftruncateSync(files.at(path), size)
    torn = false
  }

  return {
    get size() {
      return size
    },
    get modified() {
      return modified
    },
    append(data) {
      if (torn) cut()
      let written = 0
      try {
        while (written < data.length)
          written += writeSync(files.at(path), data, written, data.length - written, size + written)
      } catch (error) {
        // A full disk takes part of a batch: left there, the next start would cut off all that follows it.
        try {
          cut()
        } catch {
          // It is cut off before anything is written after it.
        }
        throw error
      }
      size += written
      modified = Date.now()
    },
    read(at, length) {
      const data = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - at)))
      let have = 0
      while (have < data.length) {
        const more = readSync(files.at(path), data, have, data.length - have, at + have)
        if (!more) break
        have += more
      }
      return data.subarray(0, have)
    },
    truncate(to) {
      if (to >= size) return
      size = to
      cut()
    },
    async flush() {
      if (!existsSync(path)) return
      const handle = await open(path, 'r') // of its own: the other may be closed meanwhile
      try {
        await handle.datasync()
      } finally {
        await handle.close()
      }
    },
    remove() {
      files.forget(path)
      rmSync(path, { force: true })
      size = 0
    },
  }
}

export function memoryBytes(): StoredBytes {
  let pieces: { at: number; data: Buffer }[] = []
  let size = 0
  let modified = Date.now()

  const indexOf = (at: number) => {
    let low = 0
    let high = pieces.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pieces[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  return {
    get size() {
      return size
    },
    get modified() {
      return modified
    },
    append(data) {
      pieces.push({ at: size, data: Buffer.from(data) }) // not the request as a whole
      size += data.length
      modified = Date.now()
    },
    read(at, length) {
      const first = indexOf(at)
      const found = []
      const end = Math.min(at + length, size)
      for (let i = first; (pieces[i]?.at ?? end) < end; i++) {
        const piece = pieces[i]
        if (piece) found.push(piece.data.subarray(Math.max(0, at - piece.at), end - piece.at))
      }
      const [only] = found
      return only && found.length === 1 ? only : Buffer.concat(found)
    },
    truncate(to) {
      pieces = pieces.filter((piece) => piece.at < to).map(({ at, data }) => ({ at, data: data.subarray(0, to - at) }))
      size = Math.min(size, to)
    },
    async flush() {},
    remove() {
      pieces = []
      size = 0
    },
  }
}
