import { expect, test } from 'vitest'
import { fileName, isTopicName, likeness } from './topic-names.ts'

test.each([
  ['x'.repeat(249), true],
  ['x'.repeat(250), false],
  ['a.b_c-D', true],
  ['', false],
  ['.', false],
  ['..', false],
  ['a/b', false],
  ['a~b', false],
])('%j is a name for a topic: %s', (name, is) => {
  expect(isTopicName(name)).toBe(is)
})

test('files of topics differ in more than case, and fit into 255 bytes with any partition and ending', () => {
  const names = ['foo', 'Foo', 'FOO', 'x'.repeat(248), 'x'.repeat(249), 'X'.repeat(249)]
  const files = names.map(fileName)
  expect(files[0]).toBe('foo')
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length)
  expect(Math.max(...files.map((file) => `${file}-9999.timeindex.deleted`.length))).toBeLessThanOrEqual(255)
})

test('names that differ in a dot for an underscore are alike, others are not', () => {
  expect(likeness('a.b_c')).toBe(likeness('a_b.c'))
  expect(likeness('a.b')).not.toBe(likeness('A.b'))
})
