// What coordinators remember is a log of its own, as Kafka's __consumer_offsets and __transaction_state are: each change
// is one line at its end, and the last line about a key counts. It is written anew when most of it counts no more.

import { existsSync, readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type * as z from 'zod'
import { errorMessage } from '../../machine/error-message.ts'
import { fail } from '../errors.ts'
import { replaceFile } from '../replace-file.ts'
import type { Storage } from './storage.ts'
import { fileBytes } from './stored-bytes.ts'

const WORTH_IT = 256 * 1024 // bytes: a smaller one is not written anew
const GARBAGE = 3 // times what counts: then it is

export type Journal<T> = {
  /** One that cannot be written is an error by which clients try again. */
  append(entry: T): void
  /** Writes all that counts, and nothing else. */
  rewrite(): void
}

const line = (entry: unknown) => {
  const text = JSON.stringify(entry)
  return Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} ${text}\n`)
}

/**
 * Calls `replay` with each entry there is, in their order. A last line that a kill has torn is cut off, and told; any
 * other that makes no sense is an error that names the file. `all` gives what counts.
 */
export function openJournal<T>(
  path: string,
  storage: Storage,
  schema: z.ZodType<T>,
  replay: (entry: T) => void,
  all: () => Iterable<T>,
): Journal<T> {
  const { files, report } = storage
  let bytes = fileBytes(files, path)
  let counting = 0 // bytes, when it was last written anew

  const append = (data: Buffer) => {
    try {
      bytes.append(data)
    } catch (error) {
      report(`${path}: nothing could be written: ${errorMessage(error)}`)
      fail('COORDINATOR_NOT_AVAILABLE')
    }
  }

  const rewrite = () => {
    files.forget(path) // nobody writes to the file that goes
    replaceFile(path, Buffer.concat([...all()].map(line)))
    bytes = fileBytes(files, path)
    counting = bytes.size
  }

  const tidy = () => {
    if (bytes.size < WORTH_IT || bytes.size < counting * GARBAGE) return
    try {
      rewrite()
    } catch (error) {
      report(`${path}: not written anew: ${errorMessage(error)}`)
      counting = bytes.size
    }
  }

  const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const read = end < 0 ? undefined : parse(text.toString('utf8', at, end))
    if (!read) {
      if (end >= 0 && end + 1 < text.length)
        throw new Error(`${path} cannot be read at byte ${at}; mend it, or remove it and lose what it holds`)
      report(`${path}: the last ${text.length - at} bytes are no whole line and were cut off`)
      bytes.truncate(at)
      break
    }
    const entry = schema.safeParse(read.entry)
    if (!entry.success) throw new Error(`${path} has an entry at byte ${at} that is not understood`)
    replay(entry.data)
    at = end + 1
  }

  return {
    append(entry) {
      tidy() // before it: what counts has the entry only when the caller knows that it is written
      append(line(entry))
    },
    rewrite,
  }
}

function parse(text: string): { entry: unknown } | undefined {
  const [sum = ''] = text.split(' ', 1)
  const rest = text.slice(sum.length + 1)
  if (crc32(rest) !== Number.parseInt(sum, 16)) return
  const entry: unknown = JSON.parse(rest)
  return { entry }
}
