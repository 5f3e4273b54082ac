// Logs whose offsets have holes, and compaction that is interrupted.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures.ts'
import { cleanLog, Interrupted } from './clean-log.ts'
import { appendKeyed, kept, keptIn, openCompacted } from './keyed-batches.ts'
import { firstSegment, logFolder, MAX, openLog } from './log-fixtures.ts'

/** The records 0 to 39 of which every fourth stays, at the time 1000 + offset, and some that follow in the next segment. */
async function openHoley(path: string | null = null) {
  const opened = openCompacted(path, { 'segment.bytes': '300' })
  for (let n = 0; n < 40; n++) appendKeyed(opened.log, [[n % 4 ? 'same' : `key ${n}`, 'x', 1000 + n]])
  appendKeyed(opened.log, [['same', 'last', 900]])
  opened.roll()
  await opened.clean()
  expect(kept(opened.log)).toEqual([...every4.map((n) => `${n} key ${n}=x`), '40 same=last'])
  return opened
}
const every4 = Array.from({ length: 10 }, (_, n) => 4 * n)
const nextAfter = (offset: number) => Math.min(40, Math.ceil(offset / 4) * 4)

test('a fetch from a hole begins with the next record, whichever segment it is in', async () => {
  const { log } = await openHoley(await logFolder())
  expect(log.segments.length).toBeGreaterThan(2)
  for (let offset = 0; offset <= 40; offset++) {
    const [records] = log.read(offset, 1, true, false).records
    expect(Number(records?.readBigInt64BE())).toBe(nextAfter(offset))
  }
  expect(log.read(1, 1, false, false).records).toEqual([])
  expect(log.read(log.end, MAX, true, false).records).toEqual([])
})

test('offsets for times are those of records that are left', async () => {
  const { log } = await openHoley(await logFolder())
  for (let offset = 0; offset <= 36; offset++)
    expect(log.seek(1000 + offset, false)).toMatchObject({
      offset: nextAfter(offset),
      timestamp: 1000 + nextAfter(offset),
    })
  expect(log.seek(1037, false)).toEqual({})
  expect(log.seek(-3, false)).toMatchObject({ offset: 36, timestamp: 1036 })
  expect([log.seek(-2, false).offset, log.seek(-1, false).offset]).toEqual([0, 42])
})

test('the latest record is found though the empty batch of a producer is later', async () => {
  const { log, roll, clean } = openCompacted(null)
  appendKeyed(log, [['a', '1', 2010]])
  appendKeyed(log, [['b', '1', 2030]], { producerId: 1 })
  appendKeyed(log, [['b', '2', 2020]])
  roll()
  await clean()
  expect(log.seek(-3, false)).toMatchObject({ timestamp: 2020, offset: 2 })
  expect(log.seek(2025, false)).toEqual({})
})

test('a fetch passes over batches that are left empty, as long as others follow', async () => {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path, { 'segment.bytes': '300' })
  for (let n = 0; n < 30; n++) appendKeyed(log, [['same', 'x']], { producerId: n })
  roll()
  await clean()
  for (const { log: read } of [{ log }, openLog(path)]) {
    for (const [offset, found] of [
      [0, 29],
      [29, 29],
      [30, 30],
    ] as const)
      // prettier-ignore
      for (const maxBytes of [1, MAX])
        expect(Number(read.read(offset, maxBytes, true, false).records[0]?.readBigInt64BE())).toBe(found)
  }
  expect(Number(log.read(3, MAX, true, false, 29).records[0]?.readBigInt64BE())).toBe(3)
})

test('records are deleted up to a hole', async () => {
  const { log } = await openHoley(await logFolder())
  expect(log.truncate(18)).toBe(18)
  expect(Number(log.read(18, 1, true, false).records[0]?.readBigInt64BE())).toBe(20)
  expect(log.seek(0, false)).toMatchObject({ offset: 20 })
  expect(() => log.read(17, 1, true, false)).toThrow('OFFSET_OUT_OF_RANGE')
})

test.each([['with', true] as const, ['without', false] as const])(
  'a start %s a checkpoint finds it all',
  async (_, checkpoint) => {
    const path = await logFolder()
    const { log } = await openHoley(path)
    for (const name of readdirSync(path)) if (name.endsWith('index')) rmSync(join(path, name))
    if (!checkpoint) rmSync(join(path, 'checkpoint.json'))
    const again = openLog(path)
    expect(again.reports).toEqual([])
    expect(keptIn(again.log)).toEqual(keptIn(log))
    expect(again.log).toMatchObject({ end: 42, cleaned: checkpoint ? 41 : 0 })
    for (let offset = 0; offset <= 36; offset++)
      expect(again.log.seek(1000 + offset, false)).toMatchObject({ offset: nextAfter(offset) })
  },
)

test('a kill in the midst of compaction loses nothing, however old the last checkpoint is', async () => {
  const path = await logFolder()
  const { log, roll } = openCompacted(path, { 'segment.bytes': '300' })
  appendKeyed(log, [['first', 'x']])
  await log.checkpoint()
  for (let n = 0; n < 9; n++) appendKeyed(log, [[n % 3 === 1 ? `key ${n}` : 'same', 'x']])
  roll()
  const { length } = keptIn(log)
  const bound = log.segments.at(-1)?.base ?? 0
  const [first] = log.segments
  const rest = () => (log.segments[0] === first ? undefined : Promise.reject(new Interrupted()))
  await expect(cleanLog(log, { dirty: 0, bound, ratio: 1 }, 5000, rest)).rejects.toThrow(Interrupted)
  expect(keptIn(log).length).toBeLessThan(length)
  const again = openLog(path)
  expect(again.reports).toEqual([])
  expect(keptIn(again.log)).toEqual(keptIn(log))
})

test('a checkpoint that takes longer than a later one does not take its place', async () => {
  const path = await logFolder()
  const { log } = openCompacted(path, { 'segment.bytes': '300' })
  appendKeyed(log, [['a', 'x']])
  const [slow] = log.segments
  const flushed = Promise.withResolvers<void>()
  if (slow) slow.bytes.flush = () => flushed.promise
  const first = log.checkpoint()
  for (let n = 0; n < 9; n++) appendKeyed(log, [['a', 'x']])
  log.unflushed.clear() // or the later one would wait for the same disk
  await log.checkpoint()
  const later = readFileSync(join(path, 'checkpoint.json'))
  flushed.resolve()
  await first
  expect(readFileSync(join(path, 'checkpoint.json'))).toEqual(later)
})

test('a kill at any point of the swap leaves the old segments or the new one', async () => {
  const path = await logFolder()
  const { log, clean, settings } = openCompacted(path, { 'segment.bytes': '300' })
  for (let n = 0; n < 12; n++) appendKeyed(log, [[n % 4 ? 'same' : `key ${n}`, 'x']])
  await log.checkpoint()
  for (const segment of log.segments) log.folder?.saveIndexes(segment)
  const before = join(await temporaryFolder(), 'before')
  cpSync(path, before, { recursive: true })
  const records = keptIn(log)
  settings['segment.bytes'] = '1000000' // all become one
  await clean()
  const after = keptIn(log)
  expect(after.length).toBeLessThan(records.length)
  const bases = readdirSync(before).filter((name) => name.endsWith('.log'))
  expect(bases.length).toBeGreaterThan(2)
  const [gone = ''] = bases.filter((name) => !existsSync(join(path, name)))
  const next = bases.at(-1)?.slice(0, 20)
  const killed = (change: (folder: string) => void) => {
    rmSync(path, { recursive: true })
    cpSync(before, path, { recursive: true })
    change(path)
    const { log: again, reports } = openLog(path)
    expect(reports).toEqual([])
    const names = readdirSync(path)
    expect(names.filter((name) => /cleaned|swap/.test(name))).toEqual([])
    const orphans = names.filter((name) => name.endsWith('.index') && !names.includes(name.replace('index', 'log')))
    expect(orphans).toEqual([])
    return keptIn(again)
  }
  const cleaned = readFileSync(firstSegment(path))
  const half = cleaned.subarray(0, cleaned.length / 2)
  expect(killed((folder) => writeFileSync(`${firstSegment(folder)}.cleaned`, half))).toEqual(records)
  const swapped = (folder: string) => writeFileSync(join(folder, `00000000000000000000-${next}.swap`), cleaned)
  expect(killed(swapped)).toEqual(after)
  expect(killed((folder) => (swapped(folder), rmSync(join(folder, gone))))).toEqual(after)
})

test.each([
  ['noting keys', 20],
  ['writing a segment', 42],
])('what is removed in the midst of %s stays removed', async (_, turn) => {
  const path = await logFolder()
  const { log, clean, reports } = openCompacted(path, { 'segment.bytes': '300' })
  for (let n = 0; n < 40; n++) appendKeyed(log, [[n % 2 ? 'same' : `key ${n}`, 'x']])
  const interrupted = (change: () => unknown) => {
    let turns = 0
    const rest = () => (++turns === turn ? Promise.resolve(void change()) : undefined)
    return cleanLog(log, { dirty: log.start, bound: log.segments.at(-1)?.base ?? 0, ratio: 1 }, 5000, rest)
  }
  await expect(interrupted(() => log.truncate(11))).rejects.toThrow(Interrupted)
  expect(readdirSync(path).filter((name) => /cleaned|swap/.test(name))).toEqual([])
  expect(Number(log.read(11, 1, true, false).records[0]?.readBigInt64BE())).toBeLessThanOrEqual(12)
  await clean()
  const bases = readdirSync(path).filter((name) => name.endsWith('.log'))
  expect(bases.map((name) => Number(name.slice(0, 20)))).toEqual(log.segments.map(({ base }) => base))
  expect(kept(log).filter((text) => text.includes('same')).length).toBeLessThan(4)
  for (let n = 0; n < 40; n++) appendKeyed(log, [[`key ${n}`, 'x']])
  await expect(interrupted(() => log.remove())).rejects.toThrow(Interrupted)
  expect([existsSync(path), reports]).toEqual([false, []])
})

test('a damaged segment is told, and is left as it is', async () => {
  const path = await logFolder()
  const { log: before, roll } = openCompacted(path)
  appendKeyed(before, [['a', '1'], ['a', '2']]) // prettier-ignore
  appendKeyed(before, [['a', '3']])
  roll()
  await before.checkpoint()
  const data = readFileSync(firstSegment(path))
  data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)
  writeFileSync(firstSegment(path), data)
  const { clean, reports } = openCompacted(path)
  await clean()
  await clean()
  expect(reports).toEqual([expect.stringMatching(/not compacted: the batch at byte \d+ of the segment 0 is damaged/)])
  expect(readFileSync(firstSegment(path))).toEqual(data)
})
