import { expect, test } from 'vitest'
import { closeInTime } from './close.ts'

test.each([
  ['in time', async () => {}, []],
  ['never', () => new Promise(() => {}), ['Kafka: has not ended within 0.05 s']],
  ['with an error', () => Promise.reject(new Error('EIO')), ['Kafka: EIO']],
])('what closes %s does not keep the others waiting', async (_, close, lines) => {
  const said: string[] = []
  await closeInTime('Kafka', close, (line) => said.push(line), 50)
  expect(said).toEqual(lines)
})
