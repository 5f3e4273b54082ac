// Which batches of a log are of aborted transactions, and which markers end transactions of which nothing is left, as
// one goes through it from one end to the other (KIP-98, KIP-534).

import { type BatchHeader, isTransactional, lastOffsetOf } from '../batch.ts'
import type { AbortedTransaction } from './producer-state.ts'
import { markerType } from './records.ts'

export type CleanedTransactions = ReturnType<typeof cleanedTransactions>

export function cleanedTransactions(aborted: AbortedTransaction[]) {
  const coming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const open = new Map<number, { seen: boolean; transaction: AbortedTransaction }>() // by producer id
  const committing = new Set<number>() // producer ids of which there is a batch
  const gone = new Set<AbortedTransaction>()
  let next = 0

  const advance = (last: number) => {
    for (; ; next++) {
      const transaction = coming[next]
      if (!transaction || transaction.firstOffset > last) return
      if (!open.has(transaction.producerId)) open.set(transaction.producerId, { seen: false, transaction })
    }
  }

  return {
    /** The aborted transactions whose last record has gone before. */
    gone,
    /** Whether a batch of a producer is of a transaction that was aborted. */
    isAborted(header: BatchHeader) {
      advance(lastOffsetOf(header))
      if (!isTransactional(header)) return false
      const transaction = open.get(header.producerId)
      if (transaction) transaction.seen = true
      else committing.add(header.producerId)
      return transaction !== undefined
    },
    /** Whether nothing is left of the transaction that a marker ends. */
    endsNothing(header: BatchHeader, marker: Buffer) {
      advance(lastOffsetOf(header))
      switch (markerType(marker, header)) {
        case 'abort': {
          const found = open.get(header.producerId)
          open.delete(header.producerId)
          if (found && !found.seen) gone.add(found.transaction)
          return !found?.seen
        }
        case 'commit':
          return !committing.delete(header.producerId)
        case undefined:
          return header.count === 0 // it was cleaned before
      }
    },
  }
}
