import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordBatch, temporaryFolder } from './fixtures.ts'
import { PartitionLog } from './log.ts'

const MAX = 1_000_000
const size = recordBatch().length

const logFile = async () => join(await temporaryFolder(), 'log')

function open(file: string, start = 0) {
  const reports: string[] = []
  const log = new PartitionLog(file, start, (message) => reports.push(message))
  return {
    log,
    reports,
    times: () => log.read(log.start, MAX, true, false).records.map((batch) => Number(batch.readBigInt64BE(27))),
  }
}
function write(file: string, ...times: number[]) {
  const { log } = open(file)
  for (const time of times) log.append(log.check(recordBatch(time), MAX))
}

test('what was appended is there when the log is opened again', async () => {
  const file = await logFile()
  write(file, 10, 11)
  write(file, 12)
  expect(open(file)).toMatchObject({ reports: [], log: { start: 0, end: 3 } })
  expect(open(file).times()).toEqual([10, 11, 12])
})

test('records acknowledged after a torn tail survive the next kill', async () => {
  const file = await logFile()
  write(file, 10, 11)
  truncateSync(file, 2 * size - 10)
  write(file, 20, 21)
  const { times, reports } = open(file)
  expect(times()).toEqual([10, 20, 21])
  expect(reports).toEqual([])
})

test('a torn tail is cut off the file and reported with file and size', async () => {
  const file = await logFile()
  write(file, 10)
  appendFileSync(file, recordBatch(11).subarray(0, 33))
  expect(open(file).reports).toEqual([expect.stringMatching(`^${file}: the last 33 bytes .* cut off`)])
  expect(statSync(file).size).toBe(size)
})

test('a flipped byte ends the log there, and nobody is served it', async () => {
  const file = await logFile()
  write(file, 10, 11, 12)
  const data = readFileSync(file)
  data.writeUInt8(data.readUInt8(2 * size - 1) ^ 0xff, 2 * size - 1)
  writeFileSync(file, data)
  const { times, reports } = open(file)
  expect(times()).toEqual([10])
  expect(reports).toEqual([expect.stringContaining(`the last ${2 * size} bytes`)])
})

test('deleted records stay deleted', async () => {
  const file = await logFile()
  write(file, 10, 11, 12)
  expect(open(file, 2).times()).toEqual([12])
})

test('a log whose file was cut before its first record goes on where readers wait', async () => {
  const file = await logFile()
  write(file, 10, 11, 12)
  truncateSync(file, size)
  const { log } = open(file, 3)
  expect(log.append(log.check(recordBatch(13), MAX))).toBe(3)
  const again = open(file, 3)
  expect(again.times()).toEqual([13])
  expect(again.log).toMatchObject({ start: 3, end: 4 })
})

test('a batch that arrives damaged is refused', async () => {
  const file = await logFile()
  const batch = recordBatch(10)
  batch.writeUInt8(batch.readUInt8(size - 1) ^ 1, size - 1)
  expect(() => open(file).log.check(batch, MAX)).toThrow('CORRUPT_MESSAGE')
})
