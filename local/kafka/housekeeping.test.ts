import { expect, onTestFinished, test } from 'vitest'
import { keepHouse } from './housekeeping.ts'
import { appendKeyed, kept, NOW, openCompacted } from './log/keyed-batches.ts'

test('what is too old goes, and what has a later value is compacted', async () => {
  const old = openCompacted(null, { 'cleanup.policy': 'delete', 'retention.ms': '1', 'retention.bytes': '-1' })
  const keyed = openCompacted(null)
  for (const { log, roll } of [old, keyed]) {
    appendKeyed(log, [['a', '1'], ['a', '2']]) // prettier-ignore
    roll()
  }
  const house = keepHouse(
    () => [old.log, keyed.log],
    1_000_000,
    () => {},
  )
  onTestFinished(() => house.close())
  await house.look(NOW)
  expect(old.log).toMatchObject({ start: 3, end: 3 })
  expect(kept(keyed.log)).toEqual(['1 a=2'])
})
