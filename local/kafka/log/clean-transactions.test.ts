import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendKeyed, batchesIn, DAY, kept, keptIn, keyedBatch, NOW, openCompacted } from './keyed-batches.ts'
import { logFolder, openLog } from './log-fixtures.ts'

const OFTEN = { 'min.cleanable.dirty.ratio': '0' }
const transactional = (producerId: number, sequence = 0) => ({ producerId, sequence, transactional: true })

test('records of aborted transactions go, and hide no earlier ones of their keys', async () => {
  const { log, roll, clean } = openCompacted(await logFolder())
  appendKeyed(log, [['a', 'before'], ['b', 'before']]) // prettier-ignore
  appendKeyed(log, [['a', 'aborted']], transactional(1))
  appendKeyed(log, [['b', 'committed']], transactional(2))
  log.endTransaction(1, 0, false)
  log.endTransaction(2, 0, true)
  appendKeyed(log, [['c', 'x']], transactional(1, 1)) // its last batch is another
  log.endTransaction(1, 0, true)
  roll()
  await clean()
  expect(kept(log)).toEqual(['0 a=before', '3 b=committed', '4 marker', '5 marker', '6 c=x', '7 marker'])
})

test('nothing is compacted from the first open transaction on', async () => {
  const { log, roll, clean } = openCompacted(null, OFTEN)
  appendKeyed(log, [['a', '1'], ['a', '2']]) // prettier-ignore
  roll()
  appendKeyed(log, [['a', '3']], transactional(1))
  appendKeyed(log, [['b', '1'], ['b', '2']]) // prettier-ignore
  roll()
  await clean()
  expect(kept(log)).toEqual(['1 a=2', '3 a=3', '4 b=1', '5 b=2'])
  log.endTransaction(1, 0, true)
  roll()
  await clean()
  expect(kept(log).slice(0, 2)).toEqual(['3 a=3', '5 b=2'])
})

test('a marker goes delete.retention.ms after the last record of its transaction has gone', async () => {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path, OFTEN)
  appendKeyed(log, [['a', '1']], transactional(1))
  log.endTransaction(1, 0, true)
  appendKeyed(log, [['b', 'aborted']], transactional(2))
  log.endTransaction(2, 0, false)
  for (const id of [1, 2]) appendKeyed(log, [['a', `${id}`]], { producerId: id, sequence: 1 })
  const markers = () => kept(log).filter((text) => text.includes('marker'))
  const left: number[] = []
  for (const now of [NOW, NOW + 1, NOW + DAY, NOW + DAY + 1]) {
    roll()
    await clean(now)
    left.push(markers().length)
    expect(keptIn(openLog(path).log)).toEqual(keptIn(log))
  }
  // The first turn removes the records, the next ones see that none is left; the first of those sets the time.
  expect(left).toEqual([2, 2, 2, 0])
  expect(log.read(0, 1_000_000, true, true).aborted).toEqual([])
})

test('the last batch of a producer stays without its records, so that a repeated one is recognised', async () => {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path)
  for (let n = 0; n < 3; n++) appendKeyed(log, [['a', `${n}`], ['b', `${n}`]], { producerId: 7, sequence: 2 * n }) // prettier-ignore
  appendKeyed(log, [['a', 'x'], ['b', 'x']]) // prettier-ignore
  roll()
  await clean()
  expect(kept(log)).toEqual(['6 a=x', '7 b=x'])
  expect(batchesIn(log)[0]?.header).toMatchObject({ offset: 4, count: 0, sequence: 4, lastOffsetDelta: 1 })
  rmSync(join(path, 'checkpoint.json'))
  const { log: again } = openLog(path)
  const repeated = () => again.check(keyedBatch([['a', '2'], ['b', '2']], { producerId: 7, sequence: 4 }), 1000) // prettier-ignore
  expect(again.append(repeated())).toBe(4)
  expect(appendKeyed(again, [['a', 'y']], { producerId: 7, sequence: 6 })).toBe(9)
})

test('the last offset that was compacted stays, without its records', async () => {
  const { log, roll, clean } = openCompacted(null)
  appendKeyed(log, [['a', '1']])
  appendKeyed(log, [[null, 'of before the topic was compacted']])
  roll()
  await clean()
  expect(batchesIn(log).map(({ header, records }) => [header.offset, records.length])).toEqual([
    [0, 1],
    [1, 0],
    [2, 1],
  ])
})

test('an aborted transaction leaves its marker, and the last batch of its producer without its records', async () => {
  const { log, roll, clean } = openCompacted(null)
  appendKeyed(log, [['a', '1']])
  appendKeyed(log, [['b', '1']], transactional(1))
  log.endTransaction(1, 0, false)
  appendKeyed(log, [['b', '2']], transactional(1, 1))
  log.endTransaction(1, 0, false)
  roll()
  await clean()
  await clean(NOW + DAY)
  expect(batchesIn(log).map(({ header, records }) => [header.offset, records.length])).toEqual([
    [0, 1],
    [2, 1],
    [3, 0],
    [4, 1],
    [5, 1],
  ])
})
