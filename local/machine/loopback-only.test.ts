import { expect, test } from 'vitest'
import { loopbackOnly } from './loopback-only.ts'

const refusal = loopbackOnly(4444, ['neon-proxy'])

test.each(['127.0.0.1:4444', 'localhost:4444', 'LocalHost:4444', '[::1]:4444', 'neon-proxy:4444'])(
  'a program is served as %s',
  (host) => {
    expect(refusal({ host })).toBeUndefined()
  },
)

test.each([
  '127.0.0.1',
  '127.0.0.1:4445',
  'evil.example:4444',
  'localhost.evil.example:4444',
  'neon-proxy',
  '0.0.0.0:4444',
  '10.0.0.1:4444',
  '',
])('the host "%s" is refused', (host) => {
  expect(refusal({ host })).toMatch(
    /^This server is 127\.0\.0\.1:4444 or localhost:4444 or .*, and not the host that was asked for\.$/,
  )
})

test('a request without a host is refused', () => {
  expect(refusal({})).toBeDefined()
})

test.each([
  { origin: 'http://evil.example' },
  { origin: 'http://127.0.0.1:4444' },
  { origin: 'null' },
  { origin: '' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
])('what a page sends is refused: %j', (headers) => {
  expect(refusal({ host: '127.0.0.1:4444', ...headers })).toBe(
    'Only programs on this machine are served, no page in a browser.',
  )
})

test.each(['*', '', 'a b', '.', 'http://neon-proxy', 'neon-proxy:4444'])('"%s" is no name to be asked for', (name) => {
  expect(() => loopbackOnly(4444, [name])).toThrow(`"${name}" is not a host name`)
})
