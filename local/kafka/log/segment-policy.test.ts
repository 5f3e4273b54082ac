import { utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import { retain } from './retention.ts'
import { append, firstSegment, logFolder, openLog, size, SMALL } from './log-fixtures.ts'

const DAY = 86_400_000
const keep = (settings: Record<string, string>) => ({
  ...SMALL,
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  ...settings,
})

test.each(['in a file', 'in memory'])('a record without a time is as old as its segment %s', async (where) => {
  const path = where === 'in a file' ? await logFolder() : null
  const settings = keep({ 'retention.ms': String(DAY) })
  const { log, times } = openLog(path, 0, settings)
  append(log, -1)
  retain(log)
  expect(times()).toEqual([-1])
  if (path) {
    const yesterday = (Date.now() - 2 * DAY) / 1_000
    utimesSync(firstSegment(path), yesterday, yesterday)
    const again = openLog(path, 0, settings)
    expect(again.times()).toEqual([-1])
    retain(again.log)
    expect(again.times()).toEqual([])
  }
  retain(log, Date.now() + 2 * DAY)
  expect(times()).toEqual([])
})

test.each([
  ['nothing is bounded', {}, [0, 1, 2, 3, 4, 5, 6]],
  ['those are too old', { 'retention.ms': String(3 * DAY) }, [3, 4, 5, 6]],
  ['the log is too large', { 'retention.bytes': String(4 * size) }, [3, 4, 5, 6]],
  ['the log is not too large without the first', { 'retention.bytes': String(5 * size) }, [0, 1, 2, 3, 4, 5, 6]],
  ['all are too old', { 'retention.ms': '1' }, []],
  ['the topic is compacted', { 'cleanup.policy': 'compact', 'retention.ms': '1' }, [0, 1, 2, 3, 4, 5, 6]],
])('whole segments go where %s, for good', async (_, settings, left) => {
  const path = await logFolder()
  const { log, times } = openLog(path, 0, keep(settings))
  append(log, ...[0, 1, 2, 3, 4, 5, 6].map((day) => day * DAY))
  retain(log, 6.5 * DAY)
  expect(times().map((time) => time / DAY)).toEqual(left)
  const again = openLog(path)
  expect(again.times().map((time) => time / DAY)).toEqual(left)
  expect(again.log).toMatchObject({ start: 7 - left.length, end: 7 })
})
