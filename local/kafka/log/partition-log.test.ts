import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordBatch } from '../fixtures.ts'
import {
  append,
  firstSegment,
  logFolder,
  MAX,
  openLog,
  segmentsOf,
  size,
  SMALL,
  timesOf,
  write,
} from './log-fixtures.ts'

test('what was appended is there when the log is opened again', async () => {
  const file = await logFolder()
  write(file, 10, 11)
  write(file, 12)
  expect(openLog(file)).toMatchObject({ reports: [], log: { start: 0, end: 3 } })
  expect(openLog(file).times()).toEqual([10, 11, 12])
})

test('records acknowledged after a torn tail survive the next kill', async () => {
  const file = await logFolder()
  write(file, 10, 11)
  truncateSync(firstSegment(file), 2 * size - 10)
  write(file, 20, 21)
  const { times, reports } = openLog(file)
  expect(times()).toEqual([10, 20, 21])
  expect(reports).toEqual([])
})

test('a torn tail is cut off the file and reported with file and size', async () => {
  const file = await logFolder()
  write(file, 10)
  appendFileSync(firstSegment(file), recordBatch(11).subarray(0, 33))
  expect(openLog(file).reports).toEqual([expect.stringMatching(`^${firstSegment(file)}: the last 33 bytes .* cut off`)])
  expect(statSync(firstSegment(file)).size).toBe(size)
})

test('a flipped byte ends the log there, and nobody is served it', async () => {
  const file = await logFolder()
  write(file, 10, 11, 12)
  const data = readFileSync(firstSegment(file))
  data.writeUInt8(data.readUInt8(2 * size - 1) ^ 0xff, 2 * size - 1)
  writeFileSync(firstSegment(file), data)
  const { times, reports } = openLog(file)
  expect(times()).toEqual([10])
  expect(reports).toEqual([expect.stringContaining(`the last ${2 * size} bytes`)])
})

test.each([
  ['in the last segment', false, []],
  ['after the checkpoint', true, [13, 14]],
])('where a batch is missing %s, its segment ends', async (_, checkpoint, others) => {
  const path = await logFolder()
  const { log } = openLog(path, 0, SMALL)
  append(log, 10)
  if (checkpoint) await log.checkpoint()
  append(log, 11, 12, ...others)
  const data = readFileSync(firstSegment(path))
  writeFileSync(firstSegment(path), Buffer.concat([data.subarray(0, size), data.subarray(2 * size)]))
  const { times, reports } = openLog(path, 0, SMALL)
  expect(times()).toEqual([10, ...others])
  expect(reports).toEqual([expect.stringContaining(`the last ${size} bytes`)])
})

test('deleted records stay deleted', async () => {
  const file = await logFolder()
  write(file, 10, 11, 12)
  expect(openLog(file, 2).times()).toEqual([12])
})

test('a log whose file was cut before its first record goes on where readers wait', async () => {
  const file = await logFolder()
  write(file, 10, 11, 12)
  truncateSync(firstSegment(file), size)
  const { log } = openLog(file, 3)
  expect(log.append(log.check(recordBatch(13), MAX))).toBe(3)
  const again = openLog(file, 3)
  expect(again.times()).toEqual([13])
  expect(again.log).toMatchObject({ start: 3, end: 4 })
})

test('a batch that arrives damaged is refused', async () => {
  const file = await logFolder()
  const batch = recordBatch(10)
  batch.writeUInt8(batch.readUInt8(size - 1) ^ 1, size - 1)
  expect(() => openLog(file).log.check(batch, MAX)).toThrow('CORRUPT_MESSAGE')
})

test.each([['in memory', false] as const, ['in a folder', true] as const])(
  'a log of many segments %s is read as one, from anywhere and in pieces of any size',
  async (_, kept) => {
    const path = kept ? await logFolder() : null
    const { log } = openLog(path, 0, SMALL)
    const times = Array.from({ length: 100 }, (_, i) => i + 10)
    append(log, ...times)
    expect(log.segments).toHaveLength(34)
    for (const maxBytes of [1, size, 2 * size + 5, MAX]) expect(timesOf(log, maxBytes)).toEqual(times)
    for (const [offset, time] of times.entries())
      expect(Number(log.read(offset, 1, true, false).records[0]?.readBigInt64BE(27))).toBe(time)
    expect(log.read(100, MAX, true, false).records).toEqual([])
    expect(log.read(50, 0, false, false).records).toEqual([])
  },
)

test('a start looks through what follows the checkpoint, and takes the rest as the indexes say', async () => {
  const path = await logFolder()
  const before = openLog(path)
  append(before.log, ...Array.from({ length: 500 }, (_, i) => i))
  await before.log.checkpoint()
  append(before.log, ...Array.from({ length: 500 }, (_, i) => 500 + i))
  const damaged = readFileSync(firstSegment(path))
  damaged.writeUInt8(damaged.readUInt8(101 * size - 1) ^ 1, 101 * size - 1) // before the checkpoint
  writeFileSync(firstSegment(path), damaged)

  const after = openLog(path)
  expect(after.reports).toEqual([])
  expect(after.log.end).toBe(1000)
  const [segment] = after.log.segments
  expect(segment).toMatchObject({ trusted: 500 * size })
  expect(segment?.index).toEqual(before.log.segments[0]?.index)
  expect(segment?.times).toEqual(before.log.segments[0]?.times)
})

test.each(['index', 'timeindex'])('a missing .%s is made anew', async (kind) => {
  const path = await logFolder()
  const before = openLog(path)
  append(before.log, ...Array.from({ length: 500 }, (_, i) => i))
  await before.log.checkpoint()
  rmSync(firstSegment(path).replace('log', kind))
  const after = openLog(path)
  expect(after.log.read(450, 1, true, false).records[0]?.readBigInt64BE()).toBe(450n)
  expect(after.log.seek(450, false)).toMatchObject({ offset: 450 })
})

test('what was damaged since the checkpoint is told when it is read, and the next segments and records are served', async () => {
  const path = await logFolder()
  const before = openLog(path, 0, SMALL)
  append(before.log, 10, 11, 12, 13, 14, 15, 16)
  await before.log.checkpoint()
  for (const name of ['00000000000000000000.log', '00000000000000000006.log']) {
    const data = readFileSync(join(path, name))
    data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)
    writeFileSync(join(path, name), data)
  }
  const after = openLog(path, 0, SMALL)
  expect(after.reports).toEqual([])
  append(after.log, 17)
  expect(after.times()).toEqual([10, 11, 13, 14, 15, 17])
  expect(after.reports).toEqual([
    expect.stringContaining(`byte ${2 * size} of the segment 0 is damaged`),
    expect.stringContaining('byte 0 of the segment 6 is damaged'),
  ])
})

test('of a segment that is damaged after the checkpoint, only what follows in it is cut off', async () => {
  const path = await logFolder()
  append(openLog(path, 0, SMALL).log, 10, 11, 12, 13, 14)
  const data = readFileSync(firstSegment(path))
  data.writeUInt8(data.readUInt8(2 * size - 1) ^ 1, 2 * size - 1)
  writeFileSync(firstSegment(path), data)
  const { times, reports, log } = openLog(path)
  expect(times()).toEqual([10, 13, 14])
  expect(reports).toEqual([expect.stringContaining(`the last ${2 * size} bytes`)])
  expect(log.end).toBe(5)
})

test('segments whose records are all deleted are removed, and the numbers go on', async () => {
  const path = await logFolder()
  const { log } = openLog(path, 0, SMALL)
  append(log, 10, 11, 12, 13, 14, 15, 16)
  expect(log.truncate(5)).toBe(5)
  expect(segmentsOf(path)).toEqual(['00000000000000000003.log', '00000000000000000006.log'])
  log.truncate(-1)
  append(log, 17)
  expect(segmentsOf(path)).toEqual(['00000000000000000007.log'])
  const again = openLog(path, 7)
  expect(again.log).toMatchObject({ start: 7, end: 8 })
  expect(again.times()).toEqual([17])
})

test('where the last segments are gone, the log begins with what is there', async () => {
  const path = await logFolder()
  append(openLog(path, 0, SMALL).log, 10, 11, 12, 13)
  rmSync(firstSegment(path))
  expect(openLog(path).log).toMatchObject({ start: 3, end: 4 })
})

test('a checkpoint is made by itself, before a start would take long', async () => {
  const path = await logFolder()
  const { log, storage } = openLog(path)
  append(log, 10)
  storage.wrote(log, 8 * 1024 * 1024)
  await expect.poll(() => existsSync(join(path, 'checkpoint.json'))).toBe(true)
})
