// What compaction has written, and the disk, and what has the place that it is to take.

import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { appendKeyed, kept, keptIn, openCompacted } from './keyed-batches.ts'
import { firstSegment, logFolder, openLog } from './log-fixtures.ts'

test('a swap that comes to no end is brought to it by the next start', async () => {
  const path = await logFolder()
  const { log, clean, reports, settings } = openCompacted(path, { 'segment.bytes': '300' })
  for (let n = 0; n < 12; n++) appendKeyed(log, [['same', `${n}`]])
  await log.checkpoint()
  const bound = log.segments.at(-1)?.base ?? 0
  const inTheWay = firstSegment(path).replace('.log', '.timeindex')
  rmSync(inTheWay)
  mkdirSync(inTheWay)
  settings['segment.bytes'] = '1000000' // all become one
  await clean()
  expect(reports).toEqual([expect.stringContaining('not compacted')])
  rmdirSync(inTheWay)
  const again = openLog(path)
  expect(keptIn(again.log)[0]).toBe(`${bound - 1} same=${bound - 1}`)
  expect([again.reports, again.log.end]).toEqual([[], 12])
})

/** A compaction that waits for the disk, until `flushed` is called. */
async function startFlushing() {
  const path = await logFolder()
  const { log, roll, clean } = openCompacted(path)
  appendKeyed(log, [['a', '1'], ['a', '2']]) // prettier-ignore
  roll()
  const [asked, flushed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const flush = () => (asked.resolve(), flushed.promise)
  const { folder } = log
  if (folder) log.folder = { ...folder, cleanedBytes: (base) => Object.assign(folder.cleanedBytes(base), { flush }) }
  const cleaning = clean()
  await Promise.race([asked.promise, cleaning])
  return { path, log, cleaning, flushed: flushed.resolve }
}

test('what compaction writes is on the disk before it takes its place', async () => {
  const { log, cleaning, flushed } = await startFlushing()
  expect(kept(log)).toEqual(['0 a=1', '1 a=2'])
  flushed()
  await cleaning
  expect(kept(log)).toEqual(['1 a=2'])
})

test('what is removed while the disk is waited for stays removed', async () => {
  const { path, log, cleaning, flushed } = await startFlushing()
  log.truncate(2)
  flushed()
  await cleaning
  expect(keptIn(log)).toEqual(['2 end 2=x'])
  expect(readdirSync(path).filter((name) => name.endsWith('.log'))).toEqual(['00000000000000000002.log'])
})
