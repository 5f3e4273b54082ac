import { text } from 'node:stream/consumers'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirm } from './confirm.ts'

test.each([
  ['y\n', true],
  ['YES \n', true],
  ['\n', false],
  ['n\n', false],
  ['yellow\n', false],
  ['', false], // the input ends
])('%j is %s', async (typed, agreed) => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end(typed)
  expect(await confirm('Drop it?', { input, output })).toBe(agreed)
  output.end()
  expect(await text(output)).toBe('Drop it? [y/N] ')
})
