// What the tests of logs share.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { recordBatch, temporaryFolder } from '../fixtures.ts'
import { PartitionLog } from './partition-log.ts'
import { openStorage } from './storage.ts'

export const MAX = 1_000_000
export const size = recordBatch().length

const SETTINGS: Record<string, string> = {
  'segment.bytes': '1000000',
  'segment.ms': '1000000000000',
  'flush.messages': '9223372036854775807',
  'flush.ms': '9223372036854775807',
}
export const logFolder = async () => join(await temporaryFolder(), 'orders-0')
export const firstSegment = (path: string) => join(path, '00000000000000000000.log')

export function openLog(path: string | null, start = 0, settings: Record<string, string> = {}) {
  const reports: string[] = []
  const storage = openStorage((message) => reports.push(message))
  onTestFinished(() => storage.files.close())
  const config = (name: string) => settings[name] ?? SETTINGS[name] ?? ''
  const log = new PartitionLog({ topic: 'orders', index: 0, path, start, storage, config })
  return { log, reports, storage, times: () => timesOf(log) }
}

/** The times of all batches, as a reader gets them who asks again and again. */
export function timesOf(log: PartitionLog, maxBytes = MAX) {
  const times: number[] = []
  for (let next = log.start; ;) {
    const [records] = log.read(next, maxBytes, true, false).records
    if (!records) return times
    for (let at = 0; at < records.length; at += size) {
      times.push(Number(records.readBigInt64BE(at + 27)))
      next = Number(records.readBigInt64BE(at)) + 1
    }
  }
}

export const append = (log: PartitionLog, ...times: number[]) => {
  for (const time of times) log.append(log.check(recordBatch(time), MAX))
}

/** As a process that is killed then. */
export function write(path: string, ...times: number[]) {
  append(openLog(path).log, ...times)
}

export const SMALL = { 'segment.bytes': String(3 * size) }
export const segmentsOf = (path: string) => readdirSync(path).filter((name) => name.endsWith('.log'))
