// What is kept of transactions, as Kafka's topic __transaction_state keeps it: the last line about a transactional id is
// what there is of it (KIP-98). Producer ids are reserved in blocks, so that no two starts hand out the same (KIP-730).

import * as z from 'zod'
import { Committed } from './metadata-files.ts'

export const Held = Committed.extend({ group: z.string() })

export const TransactionEntry = z.object({
  id: z.string(),
  producerId: z.int(),
  epoch: z.int(),
  timeout: z.int(),
  state: z.enum(['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort']),
  partitions: z.array(z.object({ topic: z.string(), index: z.int() })),
  offsets: z.array(Held),
  at: z.number(), // ms
  startedAt: z.number().default(-1), // ms; before the first transaction, and in lines of before it was kept, -1
})
export type TransactionEntry = z.infer<typeof TransactionEntry>

export const Entry = z.union([
  TransactionEntry,
  z.object({ reserved: z.int() }), // producer ids before it
])
export type Entry = z.infer<typeof Entry>
