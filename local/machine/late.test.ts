import { expect, test } from 'vitest'
import { sayIfLate } from './late.ts'

test('what is late is said, and still waited for', async () => {
  const late = Promise.withResolvers<string>()
  expect(await sayIfLate(late.promise, 1, () => late.resolve('said'))).toBe('said')
})

test('what is in time is not said, and ends no wait of others', async () => {
  const said: string[] = []
  await sayIfLate(Promise.resolve(), 0, () => said.push('late'))
  await new Promise((resolve) => setTimeout(resolve, 0)) // its turn comes after that of the line above
  expect(said).toEqual([])
})
