import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { temporaryFolder } from '../fixtures.ts'
import { openJournal } from './journal.ts'
import { openStorage } from './storage.ts'

const Entry = z.object({ key: z.string(), value: z.int() })

function open(path: string) {
  const reports: string[] = []
  const storage = openStorage((message) => reports.push(message))
  onTestFinished(() => storage.files.close())
  const values = new Map<string, number>()
  const all = () => [...values].map(([key, value]) => ({ key, value }))
  const journal = openJournal(path, storage, Entry, ({ key, value }) => values.set(key, value), all)
  const put = (key: string, value: number) => {
    journal.append({ key, value })
    values.set(key, value)
  }
  return { values, put, reports }
}
const journalPath = async () => join(await temporaryFolder(), 'state.log')

test('the last entry about a key counts', async () => {
  const path = await journalPath()
  const { put } = open(path)
  put('a', 1)
  put('ä', 2)
  put('a', 3)
  expect(Object.fromEntries(open(path).values)).toEqual({ a: 3, ä: 2 })
})

test('a torn last line is cut off at the start, and what comes after it survives the next kill', async () => {
  const path = await journalPath()
  open(path).put('a', 1)
  const whole = readFileSync(path)
  for (const torn of [whole.subarray(0, 20), Buffer.from('00000000 {}\n')]) {
    writeFileSync(path, whole)
    appendFileSync(path, torn)
    const { put, reports } = open(path)
    expect(reports).toEqual([`${path}: the last ${torn.length} bytes are no whole line and were cut off`])
    put('b', 2)
    expect(Object.fromEntries(open(path).values)).toEqual({ a: 1, b: 2 })
  }
})

test('a damaged line that others follow is an error that names the file', async () => {
  const path = await journalPath()
  const { put } = open(path)
  put('a', 1)
  put('b', 2)
  const data = readFileSync(path)
  data.writeUInt8(data.readUInt8(12) ^ 1, 12)
  writeFileSync(path, data)
  expect(() => open(path)).toThrow(path)
})

test('a file of which little counts is written anew with all that counts, and grows no further', async () => {
  const path = await journalPath()
  const { put } = open(path)
  let [rewritten, size] = [0, 0]
  for (let n = 0; n < 20_000; n++) {
    put('a', n)
    const before = size
    size = statSync(path).size
    if (size > before) continue
    rewritten++
    expect(Object.fromEntries(open(path).values)).toEqual({ a: n })
  }
  expect(rewritten).toBeGreaterThan(1)
  expect(size).toBeLessThan(300_000)
  expect(Object.fromEntries(open(path).values)).toEqual({ a: 19_999 })
})
