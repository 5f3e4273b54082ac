// Producer ids, and transactions over partitions and committed offsets (KIP-98).
// One at a time per transactional id: records lie in the log from the start, and a marker at the end of each partition
// says whether they count; offsets are held back until then. What is decided is written down before it is done, and
// done again after a kill.

import type * as z from 'zod'
import { LAST_PRODUCER_ID } from './batch.ts'
import type { PartitionOffset } from './committed-offsets.ts'
import { fail } from './errors.ts'
import { type Journal, openJournal } from './log/journal.ts'
import type { PartitionLog } from './log/partition-log.ts'
import type { Storage } from './log/storage.ts'
import { Entry, type Held, type TransactionEntry } from './transaction-journal.ts'

type HeldOffset = z.infer<typeof Held>
type Producer = Pick<TransactionEntry, 'producerId' | 'epoch'>
type Transaction = Omit<TransactionEntry, 'partitions' | 'offsets'> & {
  timer?: NodeJS.Timeout
  partitions: Set<PartitionLog>
  offsets: Map<string, HeldOffset> // that wait for its end
}

const LAST_EPOCH = 32767 // of an int16
const MAX_TIMEOUT = 900_000 // ms, as Kafka's transaction.max.timeout.ms
const FORGOTTEN_AFTER = 604_800_000 // ms, as Kafka's transactional.id.expiration.ms
const FIRST_ID = 1000
const BLOCK = 1000 // producer ids that are reserved at once
const RETRY = 1_000 // ms

const keyOf = ({ group, topic, index }: { group: string; topic: string; index: number }) =>
  JSON.stringify([group, topic, index])
const isEnding = ({ state }: Transaction) => state === 'PrepareCommit' || state === 'PrepareAbort'

export class Transactions {
  private byId = new Map<string, Transaction>()
  private nextProducerId = FIRST_ID
  private reserved = FIRST_ID
  private journal?: Journal<Entry>
  private storeOffsets: (group: string, offsets: PartitionOffset[]) => void

  constructor(storeOffsets: (group: string, offsets: PartitionOffset[]) => void) {
    this.storeOffsets = storeOffsets
  }

  load(path: string, storage: Storage, logOf: (topic: string, index: number) => PartitionLog | undefined) {
    const replay = (entry: Entry) => {
      if ('reserved' in entry) this.nextProducerId = this.reserved = entry.reserved
      else
        this.byId.set(entry.id, {
          ...entry,
          partitions: new Set(entry.partitions.flatMap(({ topic, index }) => logOf(topic, index) ?? [])),
          offsets: new Map(entry.offsets.map((offset) => [keyOf(offset), offset])),
        })
    }
    this.journal = openJournal(path, storage, Entry, replay, () => [
      { reserved: this.reserved },
      ...this.byId.values().map(entryOf),
    ])
    for (const [id, { state, at }] of this.byId)
      if (/Empty|Complete/.test(state) && Date.now() - at > FORGOTTEN_AFTER) this.byId.delete(id)
  }

  /**
   * After a start: a transaction that was open is aborted, since its producer may never come back, and one whose end
   * was decided comes to it. `logs` that were written before there was a journal can hold more of them.
   */
  recover(logs: Iterable<PartitionLog>) {
    for (const transaction of this.byId.values()) {
      if (transaction.state === 'Ongoing') this.abort(transaction)
      else if (isEnding(transaction)) this.complete(transaction)
    }
    for (const log of logs) {
      for (const [id, { epoch }] of log.producerState.producers) {
        if (id < LAST_PRODUCER_ID) this.nextProducerId = Math.max(this.nextProducerId, id + 1)
        log.endTransaction(id, epoch, false)
      }
    }
  }

  private newProducerId() {
    if (this.nextProducerId >= this.reserved) {
      const reserved = this.nextProducerId + BLOCK
      this.journal?.append({ reserved })
      this.reserved = reserved
    }
    return this.nextProducerId++
  }

  /**
   * A new producer id; or the one of this transactional id in a new epoch, which fences off its former holder. Whoever
   * says that it holds another one is fenced itself (KIP-360). `timeout` in ms.
   */
  init(id: string | null, timeout: number, held: Producer): Producer {
    if (id === null) return { producerId: this.newProducerId(), epoch: 0 }
    if (timeout <= 0 || timeout > MAX_TIMEOUT) fail('INVALID_TRANSACTION_TIMEOUT')
    const known = this.byId.get(id)
    if (known && held.producerId >= 0 && held.producerId !== known.producerId) fail('PRODUCER_FENCED')
    if (known?.state === 'Ongoing') this.abort(known)
    if (known && isEnding(known)) fail('CONCURRENT_TRANSACTIONS')
    const fresh = !known || known.epoch >= LAST_EPOCH - 1
    const transaction: Transaction = {
      id,
      producerId: fresh ? this.newProducerId() : known.producerId,
      epoch: fresh ? 0 : known.epoch + 1,
      timeout,
      state: 'Empty',
      partitions: new Set(),
      offsets: new Map(),
      at: 0,
      startedAt: -1,
    }
    this.change(transaction, {})
    this.byId.set(id, transaction)
    return transaction
  }

  /** Opens the transaction where it is not open yet, and takes the partitions into it. */
  add(id: string, producer: Producer, logs: PartitionLog[]) {
    const transaction = this.get(id, producer)
    const partitions = new Set([...transaction.partitions, ...logs])
    const opens = transaction.state !== 'Ongoing'
    if (!opens && partitions.size === transaction.partitions.size) return
    this.change(transaction, { state: 'Ongoing', partitions, startedAt: opens ? Date.now() : transaction.startedAt })
    if (opens) transaction.timer = setTimeout(() => this.expire(transaction), transaction.timeout)
  }

  /**
   * Throws where a producer's records in this partition belong to no transaction that it has begun there: readers of
   * committed records would wait for its end for ever (KIP-890).
   */
  checkCovers(id: string | null, { producerId, epoch }: Producer, log: PartitionLog) {
    const transaction = this.byId.get(id ?? '')
    if (transaction?.producerId !== producerId) return fail('INVALID_TXN_STATE')
    if (epoch < transaction.epoch) fail('INVALID_PRODUCER_EPOCH')
    const open = transaction.epoch === epoch && transaction.state === 'Ongoing'
    if (!open || !transaction.partitions.has(log)) fail('INVALID_TXN_STATE')
  }

  hold(id: string, producer: Producer, group: string, held: PartitionOffset[]) {
    const transaction = this.get(id, producer)
    if (transaction.state !== 'Ongoing') fail('INVALID_TXN_STATE')
    const offsets = new Map(transaction.offsets)
    for (const { topic, index, offset, leaderEpoch, metadata } of held)
      offsets.set(keyOf({ group, topic, index }), { group, topic, index, offset, leaderEpoch, metadata })
    this.change(transaction, { offsets })
  }

  /** Whether a transaction that is still open holds back offsets of this partition. */
  unstable(group: string, topic: string, index: number) {
    const key = keyOf({ group, topic, index })
    return this.byId.values().some(({ offsets }) => offsets.has(key))
  }

  /** Who asks again for the end that there was is told that it is so: the first answer may have been lost. */
  end(id: string, producer: Producer, committed: boolean) {
    const transaction = this.get(id, producer)
    if (transaction.state === (committed ? 'CompleteCommit' : 'CompleteAbort')) return
    if (transaction.state !== 'Ongoing') fail('INVALID_TXN_STATE')
    this.finish(transaction, committed)
  }

  find(id: string): Readonly<Transaction> | undefined {
    return this.byId.get(id)
  }

  all(): Iterable<Readonly<Transaction>> {
    return this.byId.values()
  }

  close() {
    for (const { timer } of this.byId.values()) clearTimeout(timer)
  }

  private get(id: string, { producerId, epoch }: Producer) {
    const transaction = this.byId.get(id)
    if (transaction?.producerId !== producerId) return fail('INVALID_PRODUCER_ID_MAPPING')
    if (transaction.epoch !== epoch) fail('INVALID_PRODUCER_EPOCH')
    if (isEnding(transaction)) fail('CONCURRENT_TRANSACTIONS')
    return transaction
  }

  /** Written down first: where that fails, nothing has changed. */
  private change(transaction: Transaction, change: Partial<Transaction>) {
    const changed = { ...transaction, ...change, at: Date.now() }
    this.journal?.append(entryOf(changed))
    Object.assign(transaction, change, { at: changed.at })
  }

  /** The new epoch fences off the producer that left the transaction open. */
  private abort(transaction: Transaction) {
    this.finish(transaction, false, transaction.epoch + 1)
  }

  private expire(transaction: Transaction) {
    try {
      this.abort(transaction)
    } catch {
      transaction.timer = setTimeout(() => this.expire(transaction), RETRY) // as soon as it can be written down
    }
  }

  private finish(transaction: Transaction, committed: boolean, epoch = transaction.epoch) {
    this.change(transaction, { state: committed ? 'PrepareCommit' : 'PrepareAbort', epoch })
    clearTimeout(transaction.timer)
    this.complete(transaction)
  }

  /** What was decided stays so: where the disk has no room for it now, it is tried again. */
  private complete(transaction: Transaction) {
    const committed = transaction.state === 'PrepareCommit'
    try {
      for (const log of transaction.partitions) log.endTransaction(transaction.producerId, transaction.epoch, committed)
      const held = Map.groupBy(committed ? transaction.offsets.values() : [], ({ group }) => group)
      for (const [group, offsets] of held) this.storeOffsets(group, offsets)
      transaction.offsets = new Map() // they are not stored twice, over what was committed in between
      this.change(transaction, { state: committed ? 'CompleteCommit' : 'CompleteAbort', partitions: new Set() })
    } catch {
      transaction.timer = setTimeout(() => this.complete(transaction), RETRY)
    }
  }
}

const entryOf = ({ partitions, offsets, ...transaction }: Transaction): TransactionEntry => ({
  id: transaction.id,
  producerId: transaction.producerId,
  epoch: transaction.epoch,
  timeout: transaction.timeout,
  state: transaction.state,
  partitions: [...partitions].map(({ topic, index }) => ({ topic, index })),
  offsets: [...offsets.values()],
  at: transaction.at,
  startedAt: transaction.startedAt,
})
