// One partition: record batches in order, each kept exactly as its producer sent it, in segments. Only indexes, the last
// batches of producers and the epochs of leaders are in memory. Source: kafka.apache.org/documentation/#log

import { fdatasyncSync } from 'node:fs'
import { type BatchHeader, batchHeader, placeBatch, stampAppendTime, transactionMarker } from '../batch.ts'
import { errorMessage } from '../../machine/error-message.ts'
import { fail } from '../errors.ts'
import { checkBatch, type Checked } from './check-batch.ts'
import { flushPolicy } from './flush-policy.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { checkpointOf, logFolder, type LogFolder } from './log-folder.ts'
import { ProducerState } from './producer-state.ts'
import { recover } from './recovery.ts'
import { isFull } from './segment-policy.ts'
import { recordsFrom } from './log-reader.ts'
import { appendTo, emptySegment, type Segment } from './segment.ts'
import type { Storage } from './storage.ts'
import { memoryBytes } from './stored-bytes.ts'
import { type Found, latestRecord, recordAfter } from './time-search.ts'

/** `config` gives the settings of the topic, by Kafka's names. */
type Options = {
  topic: string
  index: number
  path: string | null
  start: number
  storage: Storage
  config: (name: string) => string
}

export class PartitionLog {
  topic: string
  index: number
  path: string | null
  start = 0
  check = checkBatch
  waiting = new Set<() => void>() // called when something was appended
  segments: Segment[]
  state = new ProducerState()
  epochs = new LeaderEpochs()
  storage: Storage
  config: Options['config']
  folder: LogFolder | null
  cleaned = 0 // the first offset that was never compacted
  gone = false
  private checkpointed = 0 // the end of what the last checkpoint is about
  unflushed = new Set<Segment>()
  private flushing = flushPolicy({
    config: (name) => this.config(name),
    now: () => this.folder && fdatasyncSync(this.storage.files.at(this.folder.file(this.active.base))),
    later: () => void this.storage.checkpoint(this),
  })

  /** `path` null keeps the log in memory. What a kill left behind in the folder is mended, and told. */
  constructor({ topic, index, path, start, storage, config }: Options) {
    this.topic = topic
    this.index = index
    this.path = path
    this.storage = storage
    this.config = config
    this.folder = path === null ? null : logFolder(path, storage.files)
    this.segments = [this.segment(start)]
    if (this.folder?.exists()) this.load(this.folder, start)
    this.truncate(Math.min(Math.max(start, this.segments[0]?.base ?? 0), this.end))
  }

  private load(folder: LogFolder, start: number) {
    const { segments, epochs, state, cleaned, scanned } = recover(folder, this.storage.report)
    this.epochs = epochs
    this.state = state
    this.cleaned = cleaned
    const last = segments.at(-1)
    if (!last) return
    // Records were deleted beyond what is left: none of it is needed, and the next record goes where readers wait for
    // it.
    if (last.next < start) for (const segment of segments) folder.removeSegment(segment)
    else this.segments = segments
    if (scanned) this.wrote(last, scanned)
  }

  private segment(base: number) {
    return emptySegment(base, this.folder?.bytes(base) ?? memoryBytes())
  }

  private wrote(segment: Segment, bytes: number) {
    if (!this.folder) return
    this.unflushed.add(segment)
    this.storage.wrote(this, bytes)
  }

  private get active(): Segment {
    return this.segments.at(-1) ?? fail('KAFKA_STORAGE_ERROR')
  }
  get end() {
    return this.active.next
  }
  /** Where the first open transaction begins; the end where there is none. */
  get stable() {
    return this.state.stable(this.end)
  }
  get size() {
    return this.segments.reduce((sum, { bytes }) => sum + bytes.size, 0)
  }
  get producerState(): Pick<ProducerState, 'producers' | 'open'> {
    return this.state
  }

  /** The epoch of the leader; of the last one that wrote, after a start. -1 before the first. */
  get epoch() {
    return this.epochs.last
  }

  /**
   * A leader begins: what is appended from now on bears its epoch, and who waits for records looks again whom to ask
   * for them.
   */
  lead(epoch: number) {
    this.epochs.begin(epoch, this.end)
    this.wake()
  }

  wake() {
    for (const wake of this.waiting) wake()
  }

  endOfEpoch(epoch: number) {
    return this.epochs.end(epoch, this.end)
  }

  /**
   * Appends one batch that was checked, in whose bytes its place is written, and returns the offset of its first record.
   * `appendTime` is given to its records, where it is not -1.
   */
  append({ data, header }: Checked, appendTime = -1) {
    const before = this.state.repeated(header)
    if (before !== undefined) return before
    if (appendTime < 0) return this.write(data, header)
    stampAppendTime(data, appendTime)
    return this.write(data, { ...header, maxTimestamp: appendTime })
  }

  /** Ends a producer's transaction with a marker that readers of committed records act on. */
  endTransaction(producerId: number, epoch: number, committed: boolean) {
    if (this.gone || !this.state.open.has(producerId)) return
    const marker = transactionMarker(producerId, epoch, committed)
    const header = batchHeader(marker)
    if (header) this.write(marker, header)
  }

  private write(data: Buffer, header: BatchHeader) {
    if (this.gone) fail('UNKNOWN_TOPIC_OR_PARTITION')
    const offset = this.end
    const leaderEpoch = Math.max(this.epoch, 0)
    placeBatch(data, offset, leaderEpoch)
    const placed = { ...header, offset, leaderEpoch }
    try {
      if (isFull(this.active, data.length, header.maxTimestamp, this.config)) this.roll()
      if (!this.active.bytes.size) this.folder?.make()
      appendTo(this.active, data, placed)
    } catch (error) {
      this.storage.report(`${this.path}: nothing could be written: ${errorMessage(error)}`)
      fail('KAFKA_STORAGE_ERROR')
    }
    this.epochs.begin(leaderEpoch, offset)
    this.state.enter(placed, data, Date.now())
    this.wrote(this.active, data.length)
    this.flushing.wrote(header.count)
    this.wake()
    return offset
  }

  private roll() {
    const { folder, end } = this
    if (folder) this.storage.files.at(folder.file(end)) // as a start goes on with its number if no other is left
    this.segments.push(this.segment(end))
  }

  /** Waits until the disk has all that was written so far, and says so for the next start. */
  async checkpoint() {
    const { folder } = this
    if (!folder || this.gone) return
    const checkpoint = checkpointOf(this.active, this)
    const { end } = this
    const written = [...this.unflushed]
    this.unflushed.clear()
    for (const segment of written) folder.saveIndexes(segment)
    await Promise.all(written.map(({ bytes }) => bytes.flush()))
    if (this.gone || end < this.checkpointed) return // one that knows more was faster
    folder.saveCheckpoint(checkpoint)
    this.checkpointed = end
  }

  /**
   * Whole batches from the one that holds `offset`: as many as fit, and a first one in any case where `some` is asked
   * for.
   * `end` is for a reader who knows nothing of what follows it.
   */
  read(offset: number, maxBytes: number, some: boolean, committed: boolean, end = this.end) {
    if (offset < this.start || offset > end) fail('OFFSET_OUT_OF_RANGE')
    const stable = this.state.stable(end)
    const limit = committed ? stable : end
    const records = recordsFrom(this.segments, { offset, maxBytes, some, limit }, ({ base }, position) =>
      this.storage.report(
        `${this.path}: the batch at byte ${position} of the segment ${base} is damaged; ` +
          'it and what follows in this segment up to the last start are not served',
      ),
    )
    const aborted = committed ? this.state.abortedWithin(offset, limit) : null
    return { highWatermark: end, lastStableOffset: stable, logStartOffset: this.start, aborted, records }
  }

  /**
   * Where a timestamp (ms) lies: the first record that reaches it. -1 asks for the end, -2 and -4 for the start, -3 for
   * the latest.
   */
  seek(timestamp: number, committed: boolean, end = this.end): Partial<Found> {
    const { start } = this
    if (timestamp === -1) return { offset: committed ? this.state.stable(end) : end }
    if (timestamp === -2 || timestamp === -4) return { offset: start, leaderEpoch: this.epochs.at(start) }
    const found = timestamp === -3 ? latestRecord(this.segments) : recordAfter(this.segments, timestamp, start)
    return found && found.offset < end ? { ...found, leaderEpoch: this.epochs.at(found.offset) } : {}
  }

  /** Deletes the records before `offset`, or all for -1, and returns where the log begins now. */
  truncate(offset: number) {
    if (offset < -1 || offset > this.end) fail('OFFSET_OUT_OF_RANGE')
    this.start = offset < 0 ? this.end : Math.max(this.start, offset)
    this.removeBefore(this.start)
    return this.start
  }

  /** Removes the segments that have nothing from `offset` on; the active one only when another has begun. */
  private removeBefore(offset: number) {
    if (this.active.bytes.size && this.end <= offset) this.roll()
    const kept = this.segments.findIndex(({ next }, i) => next > offset || i === this.segments.length - 1)
    for (const segment of this.segments.splice(0, kept)) {
      this.unflushed.delete(segment)
      this.folder?.removeSegment(segment)
    }
    this.state.forgetBefore(offset)
  }

  /** Removes what is kept of it. Who waits for its records learns that there are none. */
  remove() {
    this.gone = true
    this.flushing.close()
    this.folder?.remove(this.segments.map(({ base }) => base))
    this.wake()
  }
}
