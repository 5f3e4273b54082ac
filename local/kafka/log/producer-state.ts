// What a partition knows of its idempotent and transactional producers: their last batches, by which a repeated one is
// told from a new one, and the transactions that are open or were aborted (KIP-98). It is rebuilt from the log, from
// the last checkpoint on.

import * as z from 'zod'
import { type BatchHeader, isControl, isTransactional, lastOffsetOf } from '../batch.ts'
import { fail } from '../errors.ts'
import { markerType } from './records.ts'

const REMEMBERED_BATCHES = 5 // a producer repeats none older: max.in.flight.requests.per.connection is at most 5 with idempotence
const SEQUENCES = 2 ** 31 // after the highest they begin at 0 again
const FORGOTTEN_AFTER = 86_400_000 // ms, as Kafka's producer.id.expiration.ms

const Sent = z.object({ first: z.int(), last: z.int(), offset: z.int() })
const Producer = z.object({ epoch: z.int(), sent: z.array(Sent), at: z.number() })
export const ProducersFile = z.object({
  producers: z.array(z.tuple([z.int(), Producer])),
  open: z.array(z.tuple([z.int(), z.int()])),
  aborted: z.array(z.object({ producerId: z.int(), firstOffset: z.int(), last: z.int() })),
})
export type AbortedTransaction = z.infer<typeof ProducersFile>['aborted'][number]

export class ProducerState {
  producers = new Map<number, z.infer<typeof Producer>>()
  open = new Map<number, number>() // producer id -> first offset of its transaction
  aborted: AbortedTransaction[] = []

  constructor({ producers, open, aborted }: z.infer<typeof ProducersFile> = { producers: [], open: [], aborted: [] }) {
    this.producers = new Map(producers)
    this.open = new Map(open)
    this.aborted = aborted
  }

  /**
   * An idempotent producer's batch must follow its last one, or repeat one of its last few: then the offset of that
   * one.
   */
  repeated({ producerId, epoch, sequence, lastOffsetDelta }: BatchHeader) {
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

  /** Counts in a batch that has its place in the log. `data` is at least its header, and all of it for a marker. */
  enter(header: BatchHeader, data: Buffer, now: number) {
    const { offset, lastOffsetDelta, producerId, epoch, sequence } = header
    if (producerId < 0) return
    const last = lastOffsetOf(header)
    const known = this.producers.get(producerId)
    const sent = known?.epoch === epoch ? known.sent : []
    this.producers.set(producerId, { epoch, sent, at: now })
    if (isControl(header)) {
      const firstOffset = this.open.get(producerId) ?? offset
      if (markerType(data, header) === 'abort') this.aborted.push({ producerId, firstOffset, last })
      this.open.delete(producerId)
    } else {
      sent.push({ first: sequence, last: (sequence + lastOffsetDelta) % SEQUENCES, offset })
      if (sent.length > REMEMBERED_BATCHES) sent.shift()
      if (isTransactional(header) && !this.open.has(producerId)) this.open.set(producerId, offset)
    }
  }

  /** The end of what readers of committed records may see. */
  stable(end: number) {
    return Math.min(end, ...this.open.values())
  }

  /** The transactions that readers from `offset` to `limit` must leave out. */
  abortedWithin(offset: number, limit: number) {
    return this.aborted.filter((txn) => txn.last >= offset && txn.firstOffset < limit)
  }

  /** Whether a start would forget its producer's last sequence, or its epoch, without this batch. */
  isLast(header: BatchHeader) {
    const known = this.producers.get(header.producerId)
    const sent = known?.sent.at(-1)
    if (!known || header.producerId < 0) return false
    if (!sent) return known.epoch === header.epoch && isControl(header)
    return lastOffsetOf(header) === sent.offset + ((sent.last - sent.first + SEQUENCES) % SEQUENCES)
  }

  /** Nothing is left of these. */
  forgetAborted(gone: ReadonlySet<AbortedTransaction>) {
    if (gone.size) this.aborted = this.aborted.filter((transaction) => !gone.has(transaction))
  }

  /** What lies before `start` is gone. */
  forgetBefore(start: number) {
    if ((this.aborted[0]?.last ?? start) < start) this.aborted = this.aborted.filter(({ last }) => last >= start)
  }

  /** For the checkpoint; who has sent nothing for a day is left out. */
  saved(now = Date.now()): z.infer<typeof ProducersFile> {
    for (const [id, { at }] of this.producers)
      if (now - at > FORGOTTEN_AFTER && !this.open.has(id)) this.producers.delete(id)
    return { producers: [...this.producers], open: [...this.open], aborted: this.aborted }
  }
}
