// What a page in a real browser can do to a proxy of the same machine: nothing.

import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startProxied } from './fixtures.ts'
import { portOf } from '../machine/port-of.ts'

const { CHROMIUM = '/usr/bin/chromium' } = process.env
const missing = !existsSync(CHROMIUM)
if (missing)
  console.warn(`Not tested: what a page in a browser can do, as there is no ${CHROMIUM}. CHROMIUM names another.`)

async function openPage(host: string) {
  const server = createServer((_, response) =>
    response.setHeader('Content-Type', 'text/html').end('<title>Another page</title>'),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1'],
  })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(`http://${host}:${portOf(server)}/`)
  return page
}

test.skipIf(missing).each(['127.0.0.1', 'localhost', 'evil.example'])(
  'a page of %s reads nothing and changes nothing',
  async (host) => {
    const { url, database, sql } = await startProxied()
    const page = await openPage(host)
    const done = await page.evaluate(
      async ({ url, database }) => {
        const body = `{"query":"insert into products (name, price, quantity) values ('page', 1, 1) returning id"}`
        const headers = { 'Neon-Connection-String': database }
        const attempt = (init: RequestInit, path = url) =>
          fetch(path, init).then(
            (response) => response.text(),
            () => 'failed',
          )
        const tunnel = new Promise((resolve) => {
          const socket = new WebSocket(url.replace('http', 'ws').replace('/sql', '/v2'))
          socket.addEventListener('open', () => resolve('open'))
          socket.addEventListener('error', () => resolve('failed'))
        })
        return {
          'with preflight': await attempt({ method: 'POST', headers, body }),
          simple: await attempt({ method: 'POST', body }),
          'no-cors': await attempt({ method: 'POST', mode: 'no-cors', body, headers }),
          'GET without CORS': await attempt({ mode: 'no-cors' }, url.replace('/sql', '/health')),
          tunnel: await tunnel,
        }
      },
      { url, database },
    )
    expect(done).toEqual({
      'with preflight': 'failed',
      simple: 'failed',
      'no-cors': '',
      'GET without CORS': '',
      tunnel: 'failed',
    })
    expect(await sql`select * from products where name = 'page'`).toEqual([])
  },
)

test.skipIf(missing)(
  'a page whose name has come to mean this machine is refused though it is of the same origin',
  async () => {
    const { url, database, sql } = await startProxied()
    const page = await openPage('evil.example')
    await page.goto(url.replace('127.0.0.1', 'rebound.example').replace('/sql', '/health')) // as if the page had been loaded before
    const answer = await page.evaluate(
      async ({ database }) => {
        const body = `{"query":"insert into products (name, price, quantity) values ('page', 1, 1) returning id"}`
        return (await fetch('/sql', { method: 'POST', headers: { 'Neon-Connection-String': database }, body })).status
      },
      { database },
    )
    expect(answer).toBe(403)
    expect(await sql`select * from products where name = 'page'`).toEqual([])
  },
)
