import { expect, test } from 'vitest'
import * as z from 'zod'
import { issues } from './issues.ts'

test('a pointer leads to each issue, and escapes what RFC 6901 escapes', () => {
  const { error } = z.strictObject({ list: z.array(z.object({ 'a/b~c': z.string('must be a string') })) }).safeParse({
    list: [{ 'a/b~c': 'x' }, { 'a/b~c': 1 }],
    'x/y': 1,
    z: 2,
  })
  expect(error && issues(error, 'body')).toEqual([
    { pointer: '/list/1/a~1b~0c', detail: 'must be a string' },
    { pointer: '/x~1y', detail: 'is not a known field' },
    { pointer: '/z', detail: 'is not a known field' },
  ])
})

test('the whole body has the empty pointer', () => {
  const { error } = z.strictObject({}, 'must be an object').safeParse([])
  expect(error && issues(error, 'body')).toEqual([{ pointer: '', detail: 'must be an object' }])
})

test('a query parameter is named', () => {
  const { error } = z
    .object({ limit: z.array(z.string()).max(1, 'is given more than once') })
    .safeParse({ limit: ['1', '2'] })
  expect(error && issues(error, 'query')).toEqual([{ parameter: 'limit', detail: 'is given more than once' }])
})

test('an issue in one of many values has the line where that one begins', () => {
  const { error } = z
    .array(z.object({ a: z.int('must be an integer') }, 'must be an object'))
    .safeParse([{ a: 1 }, { a: 'x' }, 7])
  expect(error && issues(error, { lines: [1, 3, 9] })).toEqual([
    { line: 3, pointer: '/a', detail: 'must be an integer' },
    { line: 9, pointer: '', detail: 'must be an object' },
  ])
})
