import { expect, test } from 'vitest'
import { compare, sessions } from './compare.ts'

const real = `== a
Leader: 1 on 127.0.0.1:9092 at 1795859493410
== b
one
== c, in any order
2
1
`
const known = [{ session: 'b', lines: /^(one|two)$/, why: 'it counts otherwise' }]
const verdicts = (ours: string, differences = known) =>
  compare(real, ours, differences).map(({ session, verdict, lines }) => [session, verdict, ...lines])

test('what no two runs have in common does not differ, nor an order that may be any', () => {
  const ours = real.replace('Leader: 1', 'Leader: 0').replace('9092', '19092').replace('410', '999')
  expect(verdicts(ours.replace('2\n1', '1\n2'), [])).toEqual([
    ['a', 'same'],
    ['b', 'same'],
    ['c, in any order', 'same'],
  ])
})

test('nor the order of keys in what a tool says in JSON, but a value does', () => {
  const said = (line: string) => `== a\n${line}\n`
  const verdict = (ours: string) => compare(said('{"name":"b","at":1}'), said(ours), [])[0]?.verdict
  expect(verdict('{"at":1,"name":"b"}')).toBe('same')
  expect(verdict('{"at":1,"name":"c"}')).toBe('differs')
})

test.each([
  ['a word', real.replace('one', 'three'), ['b', 'differs', '+three', '-one']],
  ['a line more', real.replace('one', 'one\ntwo\nthree'), ['b', 'differs', '+two', '+three']],
  ['no such session', real.replace('== b\none\n', ''), ['b', 'differs', '+(no such session)', '-one']],
  ['a session without output', real.replace('one\n', ''), ['b', 'differs', '-one']],
])('%s differs, though another difference of the session is known', (_, ours, expected) => {
  const differences = [{ session: 'b', lines: /^two$/, why: 'it counts otherwise' }]
  expect(verdicts(ours, differences)).toContainEqual(expected)
})

test('a difference that is known is told with its reason, and one that is no more is stale', () => {
  expect(compare(real, real.replace('one', 'two'), known)[1]).toMatchObject({
    verdict: 'known',
    why: 'it counts otherwise',
  })
  expect(verdicts(real)).toContainEqual(['b', 'stale'])
})

test('where Java threw an error is no part of it', () => {
  expect([...sessions('== a\nError\n\tat a.b(C.java:1)\n\t... 3 more\nend\n').values()]).toEqual([['Error', 'end']])
})
