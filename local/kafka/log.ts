// One partition: record batches in order, each kept exactly as its producer sent it.
// The file of a partition is its batches one after the other, as in Kafka.

import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import {
  aborts,
  type BatchHeader,
  batchHeader,
  intactBatches,
  isControl,
  isIntact,
  isPlausible,
  isTransactional,
  placeBatch,
  transactionMarker,
} from './batch.ts'
import { fail } from './errors.ts'

type Checked = { data: Buffer; header: BatchHeader }
type Batch = { offset: number; last: number; timestamp: number; data: Buffer }
type Sent = { first: number; last: number; offset: number }
type Producer = { epoch: number; sent: Sent[] }

const REMEMBERED_BATCHES = 5 // a producer repeats none older: max.in.flight.requests.per.connection is at most 5 with idempotence
const SEQUENCES = 2 ** 31 // after the highest they begin at 0 again

export class PartitionLog {
  file: string | null
  start = 0
  end = 0
  size = 0
  producers = new Map<number, Producer>()
  openTransactions = new Map<number, number>() // producer id -> first offset
  waiting = new Set<() => void>() // called when something was appended
  private batches: Batch[] = []
  private epochs: { epoch: number; start: number }[] = [] // of the leaders, with the offset at which each began
  private aborted: { producerId: number; firstOffset: number; last: number }[] = []
  private fileSize = 0

  /**
   * `file` null keeps the log in memory. What follows the last intact batch of a file is cut off, and `report` is told.
   */
  constructor(file: string | null, start: number, report: (message: string) => void) {
    this.file = file
    if (file) this.load(file, start, report)
  }

  private load(file: string, start: number, report: (message: string) => void) {
    const data = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
    for (const { data: batch, header } of intactBatches(data, start)) {
      this.keep(batch, header)
      this.fileSize += batch.length
    }
    const damaged = data.length - this.fileSize
    if (this.end < start) {
      // Records were deleted beyond what is left: none of it is needed, and the next record goes where readers wait for
      // it.
      this.fileSize = 0
      this.end = start
    }
    if (this.fileSize < data.length) truncateSync(file, this.fileSize)
    if (damaged)
      report(
        `${file}: the last ${damaged} bytes are no intact record batches and were cut off; the next offset is ${this.end}`,
      )
    this.truncate(start)
  }

  /** The epoch of the leader; of the last one that wrote, after a start. -1 before the first. */
  get epoch() {
    return this.epochs.at(-1)?.epoch ?? -1
  }

  /**
   * A leader begins: what is appended from now on bears its epoch, and who waits for records looks again whom to ask
   * for them.
   */
  lead(epoch: number) {
    this.beginEpoch(epoch, this.end)
    this.wake()
  }

  wake() {
    for (const wake of this.waiting) wake()
  }

  private beginEpoch(epoch: number, start: number) {
    if (epoch <= this.epoch) return
    if (this.epochs.at(-1)?.start === start) this.epochs.pop() // it wrote nothing
    this.epochs.push({ epoch, start })
  }

  /** The epoch that wrote the record at `offset`; -1 where it is not known. */
  epochAt(offset: number) {
    return this.epochs.findLast(({ start }) => start <= offset)?.epoch ?? -1
  }

  /**
   * Where the records of an epoch end, and the last epoch up to it that wrote any; -1 for one that is not known
   * (KIP-320).
   */
  endOfEpoch(epoch: number) {
    if (epoch >= 0 && epoch === this.epoch) return { epoch, endOffset: this.end }
    const next = this.epochs.find((each) => each.epoch > epoch)
    if (epoch < 0 || !next) return { epoch: -1, endOffset: -1 }
    return { epoch: this.epochs.findLast((each) => each.epoch <= epoch)?.epoch ?? epoch, endOffset: next.start }
  }

  /** The header of a batch that a producer may append. */
  check(data: Buffer | null, maxBytes: number) {
    const header = data && batchHeader(data)
    if (!data || !header) return fail('INVALID_RECORD')
    if (isControl(header) || !isPlausible(header)) fail('INVALID_RECORD')
    if (!isIntact(data)) fail('CORRUPT_MESSAGE')
    if (data.length > maxBytes) fail('MESSAGE_TOO_LARGE')
    return { data, header }
  }

  /** Appends one batch that was checked and returns the offset of its first record. */
  append({ data, header }: Checked) {
    return this.repeated(header) ?? this.write(Buffer.from(data), header)
  }

  /** Ends a producer's transaction with a marker that readers of committed records act on. */
  endTransaction(producerId: number, epoch: number, committed: boolean) {
    if (!this.openTransactions.has(producerId)) return
    const marker = transactionMarker(producerId, epoch, committed)
    const header = batchHeader(marker)
    if (header) this.write(marker, header)
  }

  /**
   * An idempotent producer's batch must follow its last one, or repeat one of its last few: then the offset of that
   * one.
   */
  private repeated({ producerId, epoch, sequence, lastOffsetDelta }: BatchHeader) {
    const known = this.producers.get(producerId)
    if (producerId < 0 || !known) return
    if (epoch < known.epoch) fail('INVALID_PRODUCER_EPOCH')
    const sent = epoch === known.epoch ? known.sent : []
    const last = (sequence + lastOffsetDelta) % SEQUENCES
    const same = sent.find((batch) => batch.first === sequence && batch.last === last)
    if (same) return same.offset
    const previous = sent.at(-1)
    if (sequence !== (previous ? (previous.last + 1) % SEQUENCES : 0)) fail('OUT_OF_ORDER_SEQUENCE_NUMBER')
  }

  private write(data: Buffer, header: BatchHeader) {
    const offset = this.end
    const leaderEpoch = Math.max(this.epoch, 0)
    placeBatch(data, offset, leaderEpoch)
    if (this.file) this.writeFile(this.file, data)
    this.keep(data, { ...header, offset, leaderEpoch })
    this.wake()
    return offset
  }

  private writeFile(file: string, data: Buffer) {
    try {
      appendFileSync(file, data)
    } catch (error) {
      // A full disk takes part of a batch; left there, the next start would cut off all that follows it.
      if (existsSync(file)) truncateSync(file, this.fileSize)
      throw error
    }
    this.fileSize += data.length
  }

  private keep(data: Buffer, header: BatchHeader) {
    const { offset, lastOffsetDelta, maxTimestamp, producerId, epoch, sequence } = header
    const last = offset + lastOffsetDelta
    this.batches.push({ offset, last, timestamp: maxTimestamp, data })
    this.beginEpoch(header.leaderEpoch, offset)
    this.end = last + 1
    this.size += data.length
    if (producerId < 0) return
    const known = this.producers.get(producerId)
    const sent = known?.epoch === epoch ? known.sent : []
    this.producers.set(producerId, { epoch, sent })
    if (isControl(header)) {
      if (aborts(data))
        this.aborted.push({ producerId, firstOffset: this.openTransactions.get(producerId) ?? offset, last })
      this.openTransactions.delete(producerId)
    } else {
      sent.push({ first: sequence, last: (sequence + lastOffsetDelta) % SEQUENCES, offset })
      if (sent.length > REMEMBERED_BATCHES) sent.shift()
      if (isTransactional(header) && !this.openTransactions.has(producerId))
        this.openTransactions.set(producerId, offset)
    }
  }

  /** The end of what readers of committed records may see. */
  private stable(end: number) {
    return Math.min(end, ...this.openTransactions.values())
  }

  /**
   * Whole batches from the one that holds `offset`: as many as fit, and a first one in any case where `some` is asked
   * for.
   * `end` is for a reader who knows nothing of what follows it.
   */
  read(offset: number, maxBytes: number, some: boolean, committed: boolean, end = this.end) {
    if (offset < this.start || offset > end) fail('OFFSET_OUT_OF_RANGE')
    const stable = this.stable(end)
    const limit = committed ? stable : end
    const records: Buffer[] = []
    let left = maxBytes
    for (let i = this.indexOf(offset); ; i++) {
      const batch = this.batches[i]
      if (!batch || batch.last >= limit) break
      left -= batch.data.length
      if (left < 0 && (records.length || !some)) break
      records.push(batch.data)
    }
    const aborted = committed ? this.aborted.filter((txn) => txn.last >= offset && txn.firstOffset < limit) : null
    return { highWatermark: end, lastStableOffset: stable, logStartOffset: this.start, aborted, records }
  }

  /**
   * Where a timestamp (ms) lies: the first batch that reaches it. -1 asks for the end, -2 and -4 for the start, -3 for
   * the latest.
   */
  seek(
    timestamp: number,
    committed: boolean,
    end = this.end,
  ): { offset?: number; timestamp?: number; leaderEpoch?: number } {
    if (timestamp === -1) return { offset: committed ? this.stable(end) : end }
    if (timestamp === -2 || timestamp === -4) return { offset: this.start, leaderEpoch: this.epochAt(this.start) }
    const latest = timestamp === -3
    const wanted = latest ? this.batches.reduce((max, batch) => Math.max(max, batch.timestamp), 0) : timestamp
    const batch = this.batches.find((batch) => batch.timestamp >= wanted && batch.offset < end)
    if (!batch) return {}
    const offset = latest ? batch.last : Math.max(batch.offset, this.start)
    return { offset, timestamp: batch.timestamp, leaderEpoch: this.epochAt(offset) }
  }

  /** Deletes the records before `offset`, or all for -1, and returns where the log begins now. */
  truncate(offset: number) {
    if (offset < -1 || offset > this.end) fail('OFFSET_OUT_OF_RANGE')
    this.start = offset < 0 ? this.end : Math.max(this.start, offset)
    for (const { data } of this.batches.splice(0, this.indexOf(this.start))) this.size -= data.length
    return this.start
  }

  /** The index of the first batch that holds `offset` or lies after it. */
  private indexOf(offset: number) {
    let low = 0
    let high = this.batches.length
    while (low < high) {
      const middle = (low + high) >> 1
      const batch = this.batches[middle]
      if (batch && batch.last >= offset) high = middle
      else low = middle + 1
    }
    return low
  }
}
