import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { temporaryFolder } from './fixtures.ts'
import { coalesced, readJson, writeJson, writeJsonAsync } from './json-file.ts'

const Schema = z.array(z.string())
const jsonFile = async () => join(await temporaryFolder(), 'some.json')

const writes = [
  { name: 'writeJson', write: async (file: string, value: unknown) => writeJson(file, value) },
  { name: 'writeJsonAsync', write: writeJsonAsync },
]
test.each(writes)('$name never touches the file there is: it puts a whole one in its place', async ({ write }) => {
  const file = await jsonFile()
  await write(file, ['old'])
  const old = openSync(file, 'r')
  await write(file, ['new'])
  expect(JSON.parse(readFileSync(old, 'utf8'))).toEqual(['old'])
  closeSync(old)
  expect(readJson(file, Schema)).toEqual(['new'])
})

test('a temporary file that a kill left behind is in nobody’s way', async () => {
  const file = await jsonFile()
  writeJson(file, ['whole'])
  writeFileSync(`${file}.tmp`, '["ha')
  expect(readJson(file, Schema)).toEqual(['whole'])
  writeJson(file, ['next'])
  expect(readJson(file, Schema)).toEqual(['next'])
})

test('where there is no file there is nothing', async () => {
  expect(readJson(await jsonFile(), Schema)).toBeUndefined()
})

test.each(['', '["ha', '{"other": 1}'])('a file that holds %j is an error that names it', async (text) => {
  const file = await jsonFile()
  writeFileSync(file, text)
  expect(() => readJson(file, Schema)).toThrow(file)
})

test('many writes at once share one, which began after the last of them', async () => {
  let value = 0
  const written: number[] = []
  const gates: (() => void)[] = []
  const { write } = coalesced(async () => {
    const now = value
    await new Promise<void>((open) => gates.push(open))
    written.push(now)
  })
  value = 1
  const first = write()
  await expect.poll(() => gates.length).toBe(1)
  const others = [2, 3, 4].map((next) => {
    value = next
    return write()
  })
  gates[0]?.()
  await first
  expect(written).toEqual([1])
  await expect.poll(() => gates.length).toBe(2)
  gates[1]?.()
  await Promise.all(others)
  expect(written).toEqual([1, 4])
})

test('a failed write fails those who waited for it, and no later one', async () => {
  let full = true
  const { write, idle } = coalesced(async () => {
    if (full) throw new Error('disk full')
  })
  await expect(write()).rejects.toThrow('disk full')
  await idle()
  full = false
  await write()
})
