import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { batchHeader } from '../batch.ts'
import { cleanLog } from './clean-log.ts'
import { appendKeyed, batchesIn, DAY, kept, keptIn, keyedBatch, NOW, openCompacted } from './keyed-batches.ts'
import { logFolder, openLog } from './log-fixtures.ts'

test.each([['in memory', false] as const, ['in a folder', true] as const])(
  'the latest record of each key stays %s, with its offset and its time, in closed segments',
  async (_, inFolder) => {
    const path = inFolder ? await logFolder() : null
    const { log, roll, clean } = openCompacted(path)
    appendKeyed(log, [['a', '1', 5], ['b', '1', 6], ['a', '2', 7]]) // prettier-ignore
    appendKeyed(log, [['a', '3', 8], ['c', '1', 9]]) // prettier-ignore
    roll()
    appendKeyed(log, [['c', '2', 10]])
    await clean()
    expect(kept(log)).toEqual(['1 b=1', '3 a=3', '4 c=1', '6 c=2'])
    expect(batchesIn(log)[0]?.records.map(({ timestamp }) => timestamp)).toEqual([6])
    expect(log).toMatchObject({ start: 0, end: 7, cleaned: 5 })
    if (path) expect(keptIn(openLog(path).log)).toEqual(keptIn(log))
  },
)

test('what is compacted again and again becomes few segments, and the offsets go on', async () => {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path, { 'min.cleanable.dirty.ratio': '0' })
  for (let n = 0; n < 20; n++) {
    appendKeyed(log, [['a', `${n}`], ['b', `${n}`]]) // prettier-ignore
    roll()
    await clean()
  }
  expect(log.segments).toHaveLength(2)
  expect(kept(log)).toEqual(['57 a=19', '58 b=19'])
  expect(readdirSync(path).filter((name) => name.endsWith('.log'))).toHaveLength(2)
  const again = openLog(path)
  expect(again.reports).toEqual([])
  expect(again.log).toMatchObject({ start: 0, end: 60 })
  expect(appendKeyed(again.log, [['a', 'x']])).toBe(60)
})

test('a tombstone stays for delete.retention.ms after it was cleaned first, and then goes', async () => {
  const { log, roll, clean } = openCompacted(await logFolder())
  appendKeyed(log, [['a', '1', 1], ['gone', '1', 2]]) // prettier-ignore
  appendKeyed(log, [['b', '1', 3], ['gone', null, 4]]) // prettier-ignore
  roll()
  await clean(NOW)
  expect(kept(log)).toEqual(['0 a=1', '2 b=1', '3 gone=null'])
  expect(batchesIn(log)[1]?.records.map(({ timestamp }) => timestamp)).toEqual([3, 4])
  for (const [now, left] of [
    [NOW + DAY - 1, 1],
    [NOW + DAY, 0],
  ] as const) {
    // prettier-ignore
    appendKeyed(log, Array.from({ length: 50 }, (): [string, string] => ['a', 'again']))
    roll()
    await clean(now)
    expect(kept(log).filter((text) => text.includes('gone'))).toHaveLength(left)
  }
})

test.each([
  ['it is deleted', { 'cleanup.policy': 'delete' }, NOW],
  ['too little of it is new', { 'min.cleanable.dirty.ratio': '1' }, NOW],
  ['its records are too young', { 'min.compaction.lag.ms': '500' }, 1499],
])('a log is left as it is where %s', async (_, settings, now) => {
  const { log, roll, clean } = openCompacted(null, settings)
  appendKeyed(log, [['a', '1'], ['a', '2']]) // prettier-ignore
  roll()
  await clean(now)
  expect(kept(log)).toHaveLength(2)
})

test.each([
  ['records that are old enough', { 'min.compaction.lag.ms': '500' }, 1500],
  ['records that may wait no longer', { 'min.cleanable.dirty.ratio': '1', 'max.compaction.lag.ms': '500' }, 1501],
])('a log is compacted that has %s', async (_, settings, now) => {
  const { log, roll, clean } = openCompacted(null, settings)
  appendKeyed(log, [['a', '1'], ['a', '2']]) // prettier-ignore
  roll()
  await clean(now)
  expect(kept(log)).toEqual(['1 a=2'])
})

test('a log that may wait no longer begins another segment, so that it is compacted', () => {
  const { log } = openCompacted(null, { 'max.compaction.lag.ms': '500' })
  for (const time of [1000, 1500, 1501]) appendKeyed(log, [['a', 'x', time]])
  expect(log.segments.map(({ base }) => base)).toEqual([0, 2])
})

test('more keys than there is memory for are compacted in several turns', async () => {
  const { log, roll } = openCompacted(null)
  for (let round = 0; round < 2; round++) for (let n = 0; n < 100; n++) appendKeyed(log, [[`key ${n}`, `${round}`]])
  roll()
  let turns = 0
  while (log.cleaned < 200) {
    await cleanLog(log, { dirty: log.cleaned, bound: 200, ratio: 1 }, NOW, () => undefined, 1000)
    turns++
  }
  expect(turns).toBeGreaterThan(5)
  expect(kept(log)).toEqual(Array.from({ length: 100 }, (_, n) => `${100 + n} key ${n}=1`))
})

test('a tombstone that there was no memory for stays as long as what it deletes, however old it is', async () => {
  const { log, roll } = openCompacted(null)
  appendKeyed(log, [['gone', '1']])
  for (let n = 0; n < 50; n++) appendKeyed(log, [[`key ${n}`, 'x']])
  appendKeyed(log, [['gone', null]])
  roll()
  const left: string[][] = []
  for (let now = NOW; log.cleaned < 52; now += DAY) {
    await cleanLog(log, { dirty: log.cleaned, bound: 52, ratio: 1 }, now, () => undefined, 1000)
    left.push(kept(log).filter((text) => text.includes('gone')))
  }
  expect(left.length).toBeGreaterThan(2)
  expect(left).toEqual([...left.slice(1).map(() => ['0 gone=1', '51 gone=null']), []])
})

test('keys are bytes, and need be no text', async () => {
  const { log, roll, clean } = openCompacted(null)
  for (const byte of [0xfe, 0xff, 0xfe]) appendKeyed(log, [[Buffer.from([byte]), 'x']])
  roll()
  await clean()
  expect(batchesIn(log).map(({ header }) => header.offset)).toEqual([1, 2, 3])
})

test.each([
  [0, 0],
  [1, 1],
  [2, 1], // Snappy cannot be written here
  [4, 4],
])('a batch under codec %i that loses a record is written under %i, and is intact', async (codec, after) => {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path)
  appendKeyed(log, [['a', '1', 7], ['b', '1', 9], ['c', '1', 8]], { codec }) // prettier-ignore
  const whole = keyedBatch([['d', '1'], ['e', '1']], { codec }) // prettier-ignore
  log.append(log.check(Buffer.from(whole), 1000))
  appendKeyed(log, [['b', '2']])
  roll()
  await clean()
  const [batch, same] = batchesIn(log)
  expect(batch?.header).toMatchObject({ offset: 0, lastOffsetDelta: 2, count: 2, attributes: after, maxTimestamp: 8 })
  expect(batch?.records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([[0, 7], [2, 8]]) // prettier-ignore
  expect(same?.header.crc).toBe(batchHeader(whole)?.crc)
  const { log: again, reports } = openLog(path)
  expect(keptIn(again)).toEqual(keptIn(log))
  expect(again.read(0, 1_000_000, true, false).records).toHaveLength(1)
  expect(reports).toEqual([])
})
