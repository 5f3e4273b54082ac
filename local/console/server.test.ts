import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../machine/ports.ts'
import { type Desk, serve } from './server.ts'
import { openStream } from './stream.ts'

const TOKEN = 'the-token-of-this-start'

/** A console on a port of its own, whose state is `state`, and that notes what it is asked to do. */
async function open(state: Record<string, unknown> = { about: { start: '1' } }) {
  const acted: unknown[] = []
  const counts: number[] = []
  const stream = openStream(
    () => state,
    (pages) => counts.push(pages),
  )
  const desk: Desk = {
    stream,
    state: async () => state,
    way: async () => undefined,
    record: async () => undefined,
    value: async () => Buffer.from('value'),
    find: async () => ({}),
    act: async (name, input) => void acted.push([name, input]),
  }
  const port = await freePort('', 0, () => {})
  const server = await serve({ port, token: TOKEN, command: 'npm run dev', desk })
  onTestFinished(() => server.close())

  /** fetch() would not send another Host. */
  function send(method: string, path: string, headers: Record<string, string> = {}, body = '') {
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          if (response.headers['content-type']?.includes('event-stream')) finish()
        })
        const finish = () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
          request.destroy()
        }
        response.on('end', finish)
      })
      request.on('error', reject)
      request.end(body)
    })
  }
  const own = {
    origin: `http://127.0.0.1:${port}`,
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    'console-token': TOKEN,
  }
  return { port, url: server.url, send, own, acted, state, counts }
}

const PATHS = [
  '/',
  '/page/main.ts',
  '/page/style.css',
  '/lit-html/lit-html.js',
  '/events',
  '/api/state',
  '/api/state/about',
  '/api/records/a/0/1/value',
  '/nothing',
]

test.each(PATHS)('%s is refused to a name that has come to mean this machine', async (path) => {
  const { send } = await open()
  expect((await send('GET', path, { host: 'rebound.example' })).status).toBe(421)
})

test.each(PATHS)('%s is refused to a page of another site', async (path) => {
  const { send } = await open()
  expect((await send('GET', path, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})

test.each(PATHS)('the answer for %s may be read, framed and run by nobody else', async (path) => {
  const { send } = await open()
  for (const headers of [undefined, { host: 'rebound.example' }]) {
    const answer = await send('GET', path, headers)
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      ),
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})

test('an action takes the origin, the type and the token of the page', async () => {
  const { send, own, acted } = await open()
  expect((await send('POST', '/api/actions/rate', own, '{"perSecond":5}')).status).toBe(200)
  expect(acted).toEqual([['rate', { perSecond: 5 }]])
  for (const [status, wrong] of [
    [403, { origin: 'http://evil.example' }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [415, { 'content-type': 'text/plain' }],
    [403, { 'console-token': 'another' }],
  ] as const)
    expect((await send('POST', '/api/actions/rate', { ...own, ...wrong }, '{"perSecond":5}')).status).toBe(status)
  expect(acted).toHaveLength(1)
})

test.each(['constructor', 'toString', 'exec', '__proto__', '../state'])('%s is no action', async (name) => {
  const { send, own, acted } = await open()
  expect((await send('POST', `/api/actions/${name}`, own, '{}')).status).toBe(404)
  expect(acted).toEqual([])
})

test('a preflight is refused, and allows nothing', async () => {
  const { send } = await open()
  const answer = await send('OPTIONS', '/api/actions/rate', {
    origin: 'http://evil.example',
    'access-control-request-method': 'POST',
  })
  expect(answer.status).toBe(405)
})

test('a body that is too long is refused before it is read whole', async () => {
  const { send, own, acted } = await open()
  expect((await send('POST', '/api/actions/product', own, `"${'x'.repeat(70_000)}"`)).status).toBe(413)
  expect(acted).toEqual([])
})

test('what is no JSON is refused', async () => {
  const { send, own } = await open()
  expect((await send('POST', '/api/actions/product', own, '{')).status).toBe(400)
})

test('only files of the page have a path', async () => {
  const { send } = await open()
  for (const path of [
    '/page/../server.ts',
    '/page/%2e%2e/server.ts',
    '/page/murmur2.test.ts',
    '/server.ts',
    '/package.json',
    '/lit-html/package.json',
  ])
    expect((await send('GET', path)).status, path).toBe(404)
})

test('the page has the token, the modules have no types and no import that a browser does not know', async () => {
  const { send } = await open()
  expect((await send('GET', '/')).text).toContain(`content="${TOKEN}"`)
  const { headers, text } = await send('GET', '/page/main.ts')
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(text).not.toContain('Partial<State>')
  expect(text).toContain("from '/lit-html/lit-html.js'")
  expect(text).not.toContain("from 'lit-html")
})

test('nothing answers on the addresses of the network', async () => {
  const { port } = await open()
  const outside = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  const address = outside?.address ?? '127.0.0.2'
  const socket = connect(port, address)
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

/** Reads frames until `enough`. */
async function readFrames(url: string, enough: (frames: Record<string, unknown>[], text: string) => boolean) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(`${url}/events`, { signal: controller.signal })
  const frames: Record<string, unknown>[] = []
  let rest = ''
  let all = ''
  const reader = response.body?.getReader() // to leave a loop over the body would end the stream
  for (;;) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) break
    const text = new TextDecoder().decode(chunk.value)
    all += text
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined && !block.startsWith('event:')) frames.push(JSON.parse(data) as Record<string, unknown>)
    }
    if (enough(frames, all)) break
  }
  return { frames, text: all, end: () => controller.abort() }
}

test('a page gets all of the state first, and then only the parts that have changed', async () => {
  const { url, state } = await open({ about: { start: '1' }, groups: [] })
  const { frames } = await readFrames(url, ({ length }) => {
    if (length === 1) state.groups = ['stock']
    return length >= 2
  })
  expect(frames).toEqual([{ about: { start: '1' }, groups: [] }, { groups: ['stock'] }])
})

test('the fifth page takes the place of the first, which is told', async () => {
  const { url, counts } = await open()
  const first = readFrames(url, (_, text) => text.includes('event: retired'))
  await expect.poll(() => counts).toEqual([1])
  const others = []
  for (let i = 0; i < 4; i++) others.push(await readFrames(url, ({ length }) => length >= 1))
  expect((await first).text).toContain('event: retired')
})

test('who looks is counted, and is missed when it goes', async () => {
  const { url, counts } = await open()
  const page = await readFrames(url, ({ length }) => length >= 1)
  expect(counts).toEqual([1])
  page.end()
  await expect.poll(() => counts).toEqual([1, 0])
})

test('a part of the state is data of its own', async () => {
  const { port, send } = await open({ story: [{ sentence: 'stock-1 left' }], groups: [] })
  const host = `127.0.0.1:${port}`
  const get = async (path: string) => (await send('GET', path, { host })).text
  expect(JSON.parse(await get('/api/state/story'))).toEqual([{ sentence: 'stock-1 left' }])
  expect(JSON.parse(await get('/api/state'))).toEqual({ story: [{ sentence: 'stock-1 left' }], groups: [] })
  for (const name of ['nothing', 'constructor'])
    expect((await send('GET', `/api/state/${name}`, { host })).status).toBe(404)
})
