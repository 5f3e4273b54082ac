import { once } from 'node:events'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { WebSocket } from 'ws'
import { startProxied } from './fixtures.ts'

const PAGE = 'Only programs on this machine are served, no page in a browser.'

const Body = z.object({ message: z.string().optional(), rows: z.array(z.unknown()).optional() })

/** fetch() lets nobody choose these headers. */
async function send(url: string | URL, method: string, headers: OutgoingHttpHeaders, body = '') {
  const asked = request(url, { method, headers, agent: false })
  asked.end(body)
  const [response] = await once(asked, 'response')
  return { status: response.statusCode, headers: response.headers, body: Body.parse(await json(response)) }
}

async function upgrade(url: string, headers: Record<string, string>) {
  const socket = new WebSocket(url.replace('http', 'ws').replace('/sql', '/v2'), { headers })
  const [outcome] = await Promise.race([
    once(socket, 'open').then(() => [101]),
    once(socket, 'unexpected-response').then(([, { statusCode }]) => [statusCode]),
  ])
  socket.terminate()
  return outcome
}

const strangers = (port: string): [string, Record<string, string>, string][] => [
  ['a page of another origin', { origin: 'http://evil.example' }, PAGE],
  ['a page of another port', { origin: 'http://127.0.0.1:8787' }, PAGE],
  ['a sandboxed page', { origin: 'null' }, PAGE],
  ['a page whose browser sends no origin', { 'sec-fetch-site': 'same-site' }, PAGE],
  ['a rebound name', { host: `evil.example:${port}` }, 'and not the host that was asked for.'],
  ['another port', { host: '127.0.0.1:1' }, 'and not the host that was asked for.'],
]

test('who is no local program is refused, whatever it asks for', async () => {
  const { url, database, sql } = await startProxied()
  const insert = `{"query":"insert into products (name, price, quantity) values ('stranger', 1, 1)"}`
  for (const [who, headers, reason] of strangers(new URL(url).port)) {
    const all = { 'Neon-Connection-String': database, ...headers }
    for (const [method, path, body] of [
      ['POST', '/sql', insert],
      ['OPTIONS', '/sql', ''],
      ['GET', '/health', ''],
    ] as const) {
      const answer = await send(new URL(path, url), method, all, body)
      expect([who, answer.status, answer.body.message]).toEqual([who, 403, expect.stringContaining(reason)])
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    expect([who, await upgrade(url, headers)]).toEqual([who, 403])
  }
  expect(await sql`select * from products where name = 'stranger'`).toEqual([])
})

test('a local program is served by each name of this machine, and by those that were named', async () => {
  const { url, database } = await startProxied({ names: ['neon-proxy'] })
  const { port } = new URL(url)
  for (const name of ['127.0.0.1', 'localhost', '[::1]', 'neon-proxy']) {
    const headers = { host: `${name}:${port}`, 'Neon-Connection-String': database }
    const answer = await send(url, 'POST', headers, '{"query":"select 1 as one"}')
    expect([name, answer.status, answer.body.rows]).toEqual([name, 200, [{ one: 1 }]])
    expect(Object.keys(answer.headers).filter((header) => header.startsWith('access-control'))).toEqual([])
    expect([name, await upgrade(url, { host: headers.host })]).toEqual([name, 101])
  }
})
