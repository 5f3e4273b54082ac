// Producer ids, and transactions over partitions and committed offsets.
// One at a time per transactional id: records lie in the log from the start, and a marker at the end of each partition
// says whether they count; offsets are held back until then.

import { LAST_PRODUCER_ID } from './batch.ts'
import { fail } from './errors.ts'
import type { CommittedOffset } from './group.ts'
import type { PartitionLog } from './log.ts'

type Producer = { producerId: number; epoch: number }
type Transaction = Producer & {
  timeout: number
  timer?: NodeJS.Timeout
  open: boolean
  partitions: Set<PartitionLog>
  offsets: Map<string, HeldOffset> // that wait for its end
}
type HeldOffset = { group: string; topic: string; index: number; offset: CommittedOffset }

const LAST_EPOCH = 32767 // of an int16
const MAX_TIMEOUT = 900_000 // ms, as Kafka's transaction.max.timeout.ms

const keyOf = (group: string, topic: string, index: number) => JSON.stringify([group, topic, index])

export class Transactions {
  private byId = new Map<string, Transaction>()
  private nextProducerId = 1000

  /** Producer ids in a loaded log are taken, and its open transactions are lost: nobody is left to commit them. */
  recover(log: PartitionLog) {
    for (const [id, { epoch }] of log.producers) {
      if (id < LAST_PRODUCER_ID) this.nextProducerId = Math.max(this.nextProducerId, id + 1)
      log.endTransaction(id, epoch, false)
    }
  }

  /**
   * A new producer id; or the one of this transactional id in a new epoch, which fences off its former holder.
   * `timeout` in ms.
   */
  init(transactionalId: string | null, timeout: number): Producer {
    if (transactionalId === null) return { producerId: this.nextProducerId++, epoch: 0 }
    if (timeout <= 0 || timeout > MAX_TIMEOUT) fail('INVALID_TRANSACTION_TIMEOUT')
    let transaction = this.byId.get(transactionalId)
    if (transaction) {
      this.abort(transaction)
      if (transaction.epoch >= LAST_EPOCH) Object.assign(transaction, { producerId: this.nextProducerId++, epoch: 0 })
    } else {
      transaction = {
        producerId: this.nextProducerId++,
        epoch: 0,
        timeout,
        open: false,
        partitions: new Set(),
        offsets: new Map(),
      }
      this.byId.set(transactionalId, transaction)
    }
    transaction.timeout = timeout
    return transaction
  }

  /** Opens the transaction where it is not open yet, and takes the partitions into it. */
  add(transactionalId: string, producer: Producer, logs: PartitionLog[]) {
    const transaction = this.get(transactionalId, producer)
    if (!transaction.open) {
      transaction.open = true
      transaction.timer = setTimeout(() => this.abort(transaction), transaction.timeout)
    }
    for (const log of logs) transaction.partitions.add(log)
  }

  /** Whether a producer's records in this partition belong to a transaction that it has begun there. */
  covers(transactionalId: string | null, { producerId, epoch }: Producer, log: PartitionLog) {
    const transaction = this.byId.get(transactionalId ?? '')
    return (
      transaction?.producerId === producerId &&
      transaction.epoch === epoch &&
      transaction.open &&
      transaction.partitions.has(log)
    )
  }

  hold(transactionalId: string, producer: Producer, offset: HeldOffset) {
    const transaction = this.get(transactionalId, producer)
    if (!transaction.open) fail('INVALID_TXN_STATE')
    transaction.offsets.set(keyOf(offset.group, offset.topic, offset.index), offset)
  }

  /** Whether a transaction that is still open holds back offsets of this partition. */
  unstable(group: string, topic: string, index: number) {
    const key = keyOf(group, topic, index)
    return this.byId.values().some(({ offsets }) => offsets.has(key))
  }

  /** Returns the offsets that count from now on. */
  end(transactionalId: string, producer: Producer, committed: boolean) {
    const transaction = this.get(transactionalId, producer)
    if (!transaction.open) fail('INVALID_TXN_STATE')
    return this.finish(transaction, committed)
  }

  close() {
    for (const { timer } of this.byId.values()) clearTimeout(timer)
  }

  private get(transactionalId: string, { producerId, epoch }: Producer) {
    const transaction = this.byId.get(transactionalId)
    if (transaction?.producerId !== producerId) return fail('INVALID_PRODUCER_ID_MAPPING')
    if (transaction.epoch !== epoch) fail('INVALID_PRODUCER_EPOCH')
    return transaction
  }

  /** The new epoch fences off the producer that left the transaction open. */
  private abort(transaction: Transaction) {
    transaction.epoch++
    this.finish(transaction, false)
  }

  private finish(transaction: Transaction, committed: boolean): HeldOffset[] {
    clearTimeout(transaction.timer)
    for (const log of transaction.partitions) log.endTransaction(transaction.producerId, transaction.epoch, committed)
    const held = [...transaction.offsets.values()]
    Object.assign(transaction, { open: false, partitions: new Set(), offsets: new Map() })
    return committed ? held : []
  }
}
