import { expect, test } from 'vitest'
import { contentOf } from './record.ts'

test.each([
  ['null', null, { kind: 'null' }],
  ['empty', Buffer.alloc(0), { kind: 'empty' }],
  ['the text null', Buffer.from('null'), { kind: 'text', text: 'null', size: 4, whole: true }],
  ['bytes that are no text', Buffer.from([0xff, 0x00]), { kind: 'bytes', hex: 'ff00', size: 2, whole: true }],
])('%s is told apart', (_, bytes, content) => {
  expect(contentOf(bytes)).toEqual(content)
})

test('the beginning of a big text may end within a character', () => {
  const content = contentOf(Buffer.from('å'.repeat(65_536)))
  expect(content).toMatchObject({ kind: 'text', size: 131_072, whole: false })
  const odd = contentOf(Buffer.from(`x${'å'.repeat(65_536)}`))
  expect(odd).toMatchObject({ kind: 'text', text: `x${'å'.repeat(32_767)}`, whole: false })
})
