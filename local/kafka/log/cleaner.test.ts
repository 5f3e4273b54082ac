import { expect, test } from 'vitest'
import { openCleaner } from './cleaner.ts'
import { groupBySize } from './cleaning-policy.ts'
import { DAY, kept, keyedBatch, NOW, openCompacted } from './keyed-batches.ts'
import { emptySegment } from './segment.ts'
import { memoryBytes } from './stored-bytes.ts'

const nothing = () => {}

test('the filthiest log is compacted first', async () => {
  const order: string[] = []
  const logs = ['a little', 'most', 'half'].map((name, i) => {
    const { log, roll, settings } = openCompacted(null, { 'min.cleanable.dirty.ratio': '0' })
    for (let n = 0; n < 4; n++) roll()
    log.cleaned = [2, 0, 1][i] ?? 0
    Object.defineProperty(settings, 'delete.retention.ms', { get: () => (order.push(name), String(DAY)) })
    return log
  })
  await openCleaner(() => logs, nothing).clean(NOW)
  expect([...new Set(order)]).toEqual(['most', 'half', 'a little'])
})

test('others have their turn while a log is compacted', async () => {
  const { log, roll } = openCompacted(null)
  const batch = keyedBatch(Array.from({ length: 200 }, (_, n) => [`key ${n}`, 'x']))
  for (let n = 0; n < 300; n++) log.append(log.check(Buffer.from(batch), batch.length))
  roll()
  let turns = 0
  let cleaning = true
  const next = () => void (cleaning && (turns++, setImmediate(next)))
  next()
  await openCleaner(() => [log], nothing).clean(NOW)
  cleaning = false
  expect(kept(log)).toHaveLength(200)
  expect(turns).toBeGreaterThan(5)
})

test('segments become one as far as its index can count', () => {
  const at = (base: number, next: number) => ({ ...emptySegment(base, memoryBytes()), next })
  const groups = groupBySize([at(0, 10), at(10, 2 ** 31), at(2 ** 31, 2 ** 31 + 9)], 1000)
  expect(groups.map((group) => group.map(({ base }) => base))).toEqual([[0], [10, 2 ** 31]])
})
