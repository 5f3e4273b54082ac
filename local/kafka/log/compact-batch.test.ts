import { expect, test } from 'vitest'
import { batchHeader, HEADER_SIZE, withRecords } from '../batch.ts'
import { compactBatch } from './compact-batch.ts'
import { keyedBatch } from './keyed-batches.ts'

const MANY = 200_000 // more than a function takes arguments

test('a batch of very many records loses one', () => {
  const one = keyedBatch([['a', '', 1000]])
  const records = Buffer.alloc(MANY * (one.length - HEADER_SIZE)).fill(one.subarray(HEADER_SIZE))
  const batch = withRecords(one, records, { count: MANY, codec: 0 })
  const header = batchHeader(batch)
  if (!header) throw new Error('the batch has no header')
  let seen = 0
  const fate = { discarded: false, endsNothing: false, keptEmpty: false }
  const left = compactBatch(batch, header, fate, () => seen++ > 0, 0)
  expect(left && batchHeader(left)).toMatchObject({ count: MANY - 1, maxTimestamp: 1000 })
})
