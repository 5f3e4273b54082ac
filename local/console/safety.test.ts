import { expect, test } from 'vitest'
import { refusals } from './safety.ts'

const refusal = refusals(8080, 'the-token')
const OWN = {
  host: '127.0.0.1:8080',
  origin: 'http://127.0.0.1:8080',
  'content-type': 'application/json',
  'sec-fetch-site': 'same-origin',
  'console-token': 'the-token',
}

test('the page may read and change', () => {
  expect(refusal({ method: 'GET', headers: OWN })).toBeUndefined()
  expect(refusal({ method: 'POST', headers: OWN })).toBeUndefined()
  const localhost = { ...OWN, host: 'localhost:8080', origin: 'http://localhost:8080' }
  expect(refusal({ method: 'POST', headers: localhost })).toBeUndefined()
})

test('a program may read with nothing but the host', () => {
  expect(refusal({ method: 'GET', headers: { host: '127.0.0.1:8080' } })).toBeUndefined()
})

test('somebody who follows a link gets the page', () => {
  const headers = { host: OWN.host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect(refusal({ method: 'GET', headers })).toBeUndefined()
})

test.each([
  ['a rebound name', 421, { host: 'evil.example:8080' }],
  ['a rebound name on the right port by default', 421, { host: 'evil.example' }],
  ['another port', 421, { host: '127.0.0.1:8081' }],
  ['another address of loopback', 421, { host: '127.0.0.2:8080' }],
  ['no host', 421, { host: undefined }],
  ['a host with more after it', 421, { host: '127.0.0.1:8080.evil.example' }],
  ['a page of another site', 403, { 'sec-fetch-site': 'cross-site' }],
  ['a page of another port of this machine', 403, { 'sec-fetch-site': 'same-site' }],
])('reading as %s is refused with %i', (_, status, headers) => {
  expect(refusal({ method: 'GET', headers: { ...OWN, ...headers } })?.status).toBe(status)
})

test.each([
  ['a foreign origin', 403, { origin: 'http://evil.example' }],
  ['a foreign port', 403, { origin: 'http://127.0.0.1:3000' }],
  ['an origin that only begins like ours', 403, { origin: 'http://127.0.0.1:8080.evil.example' }],
  ['https', 403, { origin: 'https://127.0.0.1:8080' }],
  ['no origin', 403, { origin: undefined }],
  ['an opaque origin', 403, { origin: 'null' }],
  ['a page of another site', 403, { 'sec-fetch-site': 'cross-site' }],
  ['a navigation from another site', 403, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ['text', 415, { 'content-type': 'text/plain' }],
  ['text that names JSON', 415, { 'content-type': 'text/plain; application/json' }],
  ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['no type', 415, { 'content-type': undefined }],
  ['no token', 403, { 'console-token': undefined }],
  ['the token of another start', 403, { 'console-token': 'the-tokem' }],
  ['a token with more after it', 403, { 'console-token': 'the-token ' }],
  ['a rebound name', 421, { host: 'evil.example:8080', origin: 'http://evil.example:8080' }],
])('changing with %s is refused with %i', (_, status, headers) => {
  expect(refusal({ method: 'POST', headers: { ...OWN, ...headers } })?.status).toBe(status)
})

test.each(['OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('%s is refused', (method) => {
  expect(refusal({ method, headers: OWN })?.status).toBe(405)
})
