// The folder of one partition: its segments, the indexes of each, and a checkpoint. The checkpoint says how far all of
// that was on the disk, as Kafka's recovery point and its snapshot of producers do together: a start has to look through
// what follows it, and through nothing else. One that is missing or makes no sense only makes the start longer.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { LeaderEpochs } from './leader-epochs.ts'
import { ProducersFile, type ProducerState } from './producer-state.ts'
import type { Segment } from './segment.ts'
import { decodeIndex, decodeTimes, encodeIndex, encodeTimes } from './sparse-index.ts'
import type { OpenFiles } from './open-files.ts'
import { fileBytes } from './stored-bytes.ts'

const Checkpoint = z.object({
  end: z.int().nonnegative(), // the offset that follows what it is about
  base: z.int().nonnegative(), // of the segment that was written then
  position: z.int().nonnegative(), // where that one ended
  epochs: z.array(z.object({ epoch: z.int(), start: z.int() })),
  state: ProducersFile,
  cleaned: z.int().nonnegative().default(0), // the first offset that was never compacted
})
export type Checkpoint = z.infer<typeof Checkpoint>

export const REMOVED = '.deleted' // ends the name of a folder whose topic is gone
const DIGITS = 20
const digits = (offset: number) => String(offset).padStart(DIGITS, '0')
const named = (base: number, kind: string) => `${digits(base)}.${kind}`
const CLEANED = 'log.cleaned' // a segment that compaction has not come to the end of
const SWAP = /^(\d{20})-(\d{20})\.swap$/ // one that replaces those from an offset up to another

export type LogFolder = ReturnType<typeof logFolder>

export function logFolder(path: string, files: OpenFiles) {
  const file = (base: number, kind: string) => join(path, named(base, kind))
  const checkpointFile = join(path, 'checkpoint.json')

  /** Adds to a file of an index what it does not have yet; what it has beyond `from` entries of `size` is of no use. */
  const extend = (name: string, from: number, encoded: Buffer) => {
    if (existsSync(name)) truncateSync(name, from)
    else if (from) return
    writeFileSync(name, encoded, { flag: 'a' })
  }

  const basesNow = () =>
    readdirSync(path)
      .filter((name) => /^\d{20}\.log$/.test(name))
      .map((name) => Number(name.slice(0, DIGITS)))
      .toSorted((a, b) => a - b)

  const removeIndexes = (base: number) => {
    for (const kind of ['index', 'timeindex']) rmSync(file(base, kind), { force: true })
  }

  /** The one segment of `swap` takes the place of all from `base` up to `next`. What a kill interrupts is done again. */
  const finishSwap = (swap: string, base: number, next: number) => {
    files.forget(file(base, 'log'))
    for (const name of readdirSync(path)) {
      const [, old = -1] = /^(\d{20})\.(?:log|index|timeindex)$/.exec(name) ?? []
      if (Number(old) < base || Number(old) >= next || name === named(base, 'log')) continue
      files.forget(join(path, name))
      rmSync(join(path, name))
    }
    renameSync(swap, file(base, 'log'))
  }

  return {
    path,
    file: (base: number) => file(base, 'log'),
    bytes: (base: number) => fileBytes(files, file(base, 'log')),
    /** Made when there is something to write. */
    make: () => mkdirSync(path, { recursive: true }),
    exists: () => existsSync(path),
    bases: basesNow,
    /** Where compaction writes what takes the place of the segment `base`. */
    cleanedBytes(base: number) {
      rmSync(file(base, CLEANED), { force: true })
      files.at(file(base, CLEANED)) // there is one even where nothing stays
      return fileBytes(files, file(base, CLEANED))
    },
    /** Puts that in the place of the segments from `base` up to `next`, at once for who starts after a kill. */
    swap(base: number, next: number) {
      files.forget(file(base, CLEANED))
      const swap = join(path, `${digits(base)}-${digits(next)}.swap`)
      renameSync(file(base, CLEANED), swap)
      finishSwap(swap, base, next)
    },
    /** Brings to its end what a kill has interrupted. */
    finishSwaps() {
      for (const name of readdirSync(path)) {
        const [, base, next] = SWAP.exec(name) ?? []
        if (name.endsWith(CLEANED)) rmSync(join(path, name))
        if (next) finishSwap(join(path, name), Number(base), Number(next))
      }
    },

    checkpoint(): Checkpoint | undefined {
      try {
        return Checkpoint.parse(JSON.parse(readFileSync(checkpointFile, 'utf8')))
      } catch {
        return undefined
      }
    },
    saveCheckpoint(checkpoint: string) {
      writeFileSync(`${checkpointFile}.tmp`, checkpoint)
      renameSync(`${checkpointFile}.tmp`, checkpointFile)
    },

    /** The entries of a segment's indexes for its first `size` bytes. */
    indexes(base: number, size: number) {
      const load = (kind: string) => {
        const name = file(base, kind)
        return existsSync(name) ? readFileSync(name) : Buffer.alloc(0)
      }
      return { index: decodeIndex(load('index'), base, size), times: decodeTimes(load('timeindex'), base) }
    },
    saveIndexes({ base, index, times, saved }: Segment) {
      extend(file(base, 'index'), saved.index * 8, encodeIndex(index.slice(saved.index), base))
      extend(file(base, 'timeindex'), saved.times * 12, encodeTimes(times.slice(saved.times), base))
      saved.index = index.length
      saved.times = times.length
    },

    removeSegment(segment: Segment) {
      segment.bytes.remove()
      removeIndexes(segment.base)
    },
    /** All of it, before a topic of the same name can come; a kill in between leaves what the next start removes. */
    remove(bases: number[]) {
      for (const base of bases) files.forget(file(base, 'log'))
      if (!existsSync(path)) return
      const removed = `${path}${REMOVED}`
      rmSync(removed, { recursive: true, force: true })
      renameSync(path, removed)
      rmSync(removed, { recursive: true, force: true })
    },
  }
}

/** What is as good as on disk once the bytes of the segments are: as text, for all of it changes while they get there. */
export const checkpointOf = (
  { next, base, bytes }: Segment,
  { epochs, state, cleaned }: { epochs: LeaderEpochs; state: ProducerState; cleaned: number },
) =>
  JSON.stringify({
    end: next,
    base,
    position: bytes.size,
    epochs: epochs.starts.filter(({ start }) => start < next),
    state: state.saved(),
    cleaned,
  } satisfies Checkpoint)

/** A log of before there were segments, which is one file, becomes the first segment of its folder. */
export function takeOver(file: string, path: string, start: number) {
  mkdirSync(path, { recursive: true })
  if (!existsSync(file)) return
  const beginning = Buffer.alloc(8)
  const descriptor = openSync(file, 'r')
  const read = readSync(descriptor, beginning)
  closeSync(descriptor)
  const first = Number(beginning.readBigInt64BE())
  const base = read === beginning.length && first >= 0 && first <= start ? first : start
  renameSync(file, join(path, named(base, 'log')))
}
