import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

/** A clock that goes on only when somebody waits, and one answer after the other. */
function scene() {
  let now = 0
  const clock = {
    now: () => now,
    async pause(ms: number) {
      const end = now + ms // all wait at the same time
      await Promise.resolve()
      now = Math.max(now, end)
    },
  }
  let asked = 0
  const ask = async () => ++asked
  return { clock, ask, asked: () => asked, later: (ms: number) => (now += ms) }
}

test('two hundred at once ask once, and all get what was found', async () => {
  const { clock, ask, asked } = scene()
  const known = remembered<number>(2_000, 1_500, clock)
  const answers = await Promise.all(Array.from({ length: 200 }, () => known(ask)))
  expect(new Set(answers)).toEqual(new Set([1]))
  expect(asked()).toBe(1)
})

test('what was found is asked for again when its time is over, and not before', async () => {
  const { clock, ask, later } = scene()
  const known = remembered<number>(2_000, 1_500, clock)
  expect(await known(ask)).toBe(1)
  later(1_999)
  expect(await known(ask)).toBe(1)
  later(1)
  expect(await known(ask)).toBe(2)
})

test('one that is cut off while it asks is waited for no longer than it may take', async () => {
  const { clock, ask } = scene()
  const known = remembered<number>(2_000, 1_500, clock)
  void known(() => new Promise(() => {}))
  expect(await known(ask)).toBe(1)
  expect(clock.now()).toBe(1_500)
})

test('a failure is its own, and the next one asks', async () => {
  const { clock, ask } = scene()
  const known = remembered<number>(2_000, 1_500, clock)
  await expect(known(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  expect(await known(ask)).toBe(1)
})

test('one that fails after it was given up does not let a third one ask beside the second', async () => {
  const { clock, ask, asked, later } = scene()
  const known = remembered<number>(2_000, 1_500, clock)
  const first = Promise.withResolvers<number>()
  const second = Promise.withResolvers<number>()
  const answers: Promise<unknown>[] = [known(() => first.promise).catch(String)]
  later(1_500)
  answers.push(known(() => second.promise))
  first.reject(new Error('lost'))
  expect(await answers[0]).toBe('Error: lost')
  answers.push(known(ask))
  second.resolve(7)
  expect([await answers[1], await answers[2], asked()]).toEqual([7, 7, 0])
})
