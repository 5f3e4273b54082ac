import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = async (...args: string[]) =>
  (await promisify(execFile)(process.execPath, ['--no-warnings', join(import.meta.dirname, 'main.ts'), ...args])).stdout

const QUICK = ['--rounds', '1', '--seconds', '1', '--connections', '32']

/** The first cells of the rows of its table. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ')[0]?.slice(2))

test('without an option it has each subject', async () => {
  const text = await run(...QUICK)
  expect(rowsOf(text)).toEqual(['connections', '---', ...Array.from({ length: 7 }, () => '32')])
  expect(text).toMatch(/^Kafka connections per POST: 0\.\d+$/m)
  expect(text).toMatch(/^p99 of POST, the broker dead, .* alive, ms: [1-9]/m)
  expect(text).not.toContain('NaN')
})

test('--growth has each request beside many rows and beside few', async () => {
  const text = await run('--growth', '2000', '--pending', '1000', ...QUICK)
  expect(rowsOf(text)).toEqual([
    'request',
    '---',
    'POST, 2,000 products',
    'GET by id, any of 2,000',
    'GET list, page 1 of 2,000 products',
    'the same, page 100, to page 1',
    'import of 1,000, 2,000 products',
    'POST, 1,000 events held back',
    'POST, 1,000 events wait, no broker',
  ])
  expect(text).not.toContain('NaN')
})

test('--scale has one publisher beside the creations of the same run', async () => {
  const text = await run('--scale', '2000', ...QUICK)
  expect(rowsOf(text)).toEqual(['into', '---', 'the emulator'])
  expect(text).toMatch(/^A second, of the POST: [1-9]/m)
  expect(text).not.toContain('NaN')
})

test('--soak has the memory over time, and how long events are on the way', async () => {
  const text = await run('--soak', '2', '--rate', '20')
  expect(rowsOf(text)).toEqual(['s', '---', '0', '1', '2'])
  expect(text).toMatch(/^From commit to acknowledgement, ms: p50 \d+, p99 \d+ of [1-9]/m)
})

const python = process.env.TEST_PEER_PYTHON ?? ''
test.skipIf(!existsSync(python))('--peer has every call, and the least that it takes', async () => {
  const text = await run('--peer', python, ...QUICK)
  expect(rowsOf(text)).toEqual(['connections', '---', ...Array.from({ length: 7 }, () => '32')])
  expect(text.match(/^\| \d+ \| [^|]+ \| \d+\.\d\d \(/gm)).toHaveLength(7) // CPU has steps of 10 ms, and may be none
})

test('a peer that cannot start is told with what it takes', async () => {
  await expect(run('--peer', process.execPath)).rejects.toMatchObject({
    stderr: expect.stringContaining(
      'npm run bench: The peer has not started. It takes a Python with local/bench/peer/requirements.txt: it has ended',
    ),
  })
})

test('an option that is no number starts nothing', async () => {
  await expect(run('--growth', '10M')).rejects.toMatchObject({
    stderr: 'npm run bench: --growth is a whole number from 2000 to 999999999\n',
  })
})
