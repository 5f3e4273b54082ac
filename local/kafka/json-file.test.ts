import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { temporaryFolder } from './fixtures.ts'
import { readJson, writeJson } from './json-file.ts'

const Schema = z.array(z.string())
const jsonFile = async () => join(await temporaryFolder(), 'some.json')

test('a write never touches the file there is: it puts a whole one in its place', async () => {
  const file = await jsonFile()
  writeJson(file, ['old'])
  const old = openSync(file, 'r')
  writeJson(file, ['new'])
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
