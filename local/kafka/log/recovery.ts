// How a log comes back at a start: what the checkpoint vouches for is taken as it is, and all that follows is looked
// through batch by batch. As in Kafka, a segment is cut off at the first batch that is not whole. Those that follow it
// stay: only what came after the damage in its own segment is lost.

import { batchHeader, HEADER_SIZE, lastOffsetOf, storedHeader } from '../batch.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogFolder } from './log-folder.ts'
import { ProducerState } from './producer-state.ts'
import { batchesFrom, emptySegment, enter, type Segment } from './segment.ts'

/** `scanned` are the bytes that the next start would look through again. */
type Recovered = { segments: Segment[]; epochs: LeaderEpochs; state: ProducerState; cleaned: number; scanned: number }

export function recover(folder: LogFolder, report: (message: string) => void): Recovered {
  folder.finishSwaps()
  const bases = folder.bases()
  const found = folder.checkpoint()
  const segments = bases.map((base) => emptySegment(base, folder.bytes(base)))
  const written = segments.find(({ base }) => base === found?.base)
  const known = found && written && written.bytes.size >= found.position ? found : undefined
  const epochs = new LeaderEpochs(known?.epochs)
  const state = new ProducerState(known?.state)
  let scanned = 0

  for (const [i, segment] of segments.entries()) {
    const { base, bytes } = segment
    const { size } = bytes
    const following = bases[i + 1] ?? Infinity
    if (known && base < known.base) trust(folder, segment, size, following)
    if (known && base === known.base) trust(folder, segment, known.position, known.end)
    let end = segment.trusted
    for (const { data, position } of batchesFrom(segment, end, true)) {
      // Compaction leaves holes, but only before the checkpoint, and never in the last segment.
      const holes = !known && following < Infinity
      const header = storedHeader(data, segment.next, holes)
      if (!header || lastOffsetOf(header) >= following) break
      enter(segment, header, data.length, position)
      epochs.begin(header.leaderEpoch, header.offset)
      state.enter(header, data, Date.now())
      end = position + data.length
    }
    scanned += end - segment.trusted
    if (end === size) continue
    bytes.truncate(end)
    report(
      `${folder.file(base)}: the last ${size - end} bytes are no intact record batches and were cut off; ` +
        `the next offset is ${segment.next}`,
    )
  }
  return { segments, epochs, state, cleaned: known?.cleaned ?? 0, scanned }
}

/**
 * Takes the first `size` bytes of a segment as they are, by its indexes; only the headers of what these do not reach
 * are read.
 */
function trust(folder: LogFolder, segment: Segment, size: number, next: number) {
  const { base } = segment
  const { index, times } = folder.indexes(base, size)
  const last = index.at(-1)
  segment.index = index
  segment.times = times.filter(({ offset }) => last && offset <= last.last)
  segment.saved = { index: index.length, times: segment.times.length }
  segment.latest = segment.times.at(-1) ?? segment.latest
  const first = batchHeader(segment.bytes.read(0, HEADER_SIZE), false)
  if (first) segment.began = first.maxTimestamp
  for (const { data, position, size: length } of batchesFrom(segment, last?.position ?? 0)) {
    const header = position < size && batchHeader(data, false)
    if (!header) break
    enter(segment, header, length, position)
  }
  segment.next = next
  segment.trusted = size
}
