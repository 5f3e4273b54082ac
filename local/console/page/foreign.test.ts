// What a page of another origin can do with the console, tried in a real browser: read nothing, change nothing.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, missing } from './rig/browser.ts'
import { openTestConsole } from '../fixtures.ts'
import { portOf } from '../../machine/port-of.ts'

const opened = openTestConsole()
const browser = launchBrowser()

const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>evil'))
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => server.close())

/** Of another port, which is another origin of the same site; or of another name, which is another site. */
function originOf(name: '127.0.0.1' | 'evil.example') {
  return `http://${name}:${portOf(server)}`
}

describe.skipIf(missing)('in a browser', () => {
  test.each(['127.0.0.1', 'evil.example'] as const)('a page of %s reads nothing', async (name) => {
    const { page } = await browser.open(originOf(name))
    const read = await page.evaluate(async (console_) => {
      const settled = async (work: Promise<unknown>) => {
        try {
          return JSON.stringify(await work)
        } catch {
          return 'refused'
        }
      }
      const fetched = async (path: string, init?: RequestInit) => (await fetch(console_ + path, init)).text()
      const loaded = (element: HTMLElement, source: string) =>
        new Promise((resolve) => {
          element.addEventListener('load', () => resolve('loaded'))
          element.addEventListener('error', () => resolve('refused'))
          element.setAttribute('src', console_ + source)
          document.body.append(element)
        })
      const script = Object.assign(document.createElement('script'), { type: 'module' })
      const opaque = await fetch(`${console_}/api/state`, { mode: 'no-cors' }).then(
        (answer) => answer.text(),
        () => 'refused',
      )
      return {
        state: await settled(fetched('/api/state')),
        page: await settled(fetched('/')),
        opaque,
        events: await new Promise((resolve) => {
          const source = new EventSource(`${console_}/events`)
          source.addEventListener('message', () => resolve('read'))
          source.addEventListener('error', () => resolve('refused'))
        }),
        classic: await loaded(document.createElement('script'), '/page/main.ts'),
        module: await loaded(script, '/page/main.ts'),
      }
    }, opened.url())
    expect(read).toEqual({
      state: 'refused',
      page: 'refused',
      opaque: 'refused',
      events: 'refused',
      classic: 'refused',
      module: 'refused',
    })
  })

  test.each(['127.0.0.1', 'evil.example'] as const)('a page of %s cannot show the console in a frame', async (name) => {
    const { page } = await browser.open(originOf(name))
    await page.evaluate((console_) => {
      const frame = document.createElement('iframe')
      frame.src = `${console_}/`
      document.body.append(frame)
      return new Promise((resolve) => frame.addEventListener('load', resolve))
    }, opened.url())
    const texts = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()))
    expect(texts.join()).not.toContain('Send a product')
    expect(texts.join()).not.toContain('Looking')
  })

  test.each(['127.0.0.1', 'evil.example'] as const)('a page of %s changes nothing', async (name) => {
    const { page } = await browser.open(originOf(name))
    const before = await opened.readState()
    const answers = await page.evaluate(async (console_) => {
      const body = '{"perSecond":1}'
      const post = (headers: Record<string, string>, mode: RequestMode) =>
        fetch(`${console_}/api/actions/rate`, { method: 'POST', mode, headers, body }).then(
          ({ type, status }) => `${type} ${status}`,
          () => 'refused',
        )
      const answers = [
        await post({ 'content-type': 'application/json', 'console-token': 'guess' }, 'cors'),
        await post({ 'content-type': 'text/plain' }, 'no-cors'),
        await post({}, 'cors'),
      ]
      navigator.sendBeacon(`${console_}/api/actions/rate`, body)
      // A form goes into a frame, as it would take this page away. Its text can be made to look like JSON.
      const frame = Object.assign(document.createElement('iframe'), { name: 'answer' })
      const form = Object.assign(document.createElement('form'), {
        method: 'post',
        enctype: 'text/plain',
        target: 'answer',
        action: `${console_}/api/actions/rate`,
      })
      form.append(Object.assign(document.createElement('input'), { name: '{"perSecond":1,"a":"', value: '"}' }))
      document.body.append(frame, form)
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
      form.submit()
      await loaded
      return answers
    }, opened.url())
    expect(answers.filter((answer) => /\b200\b/.test(answer))).toEqual([])
    expect((await opened.readState()).load).toEqual(before.load)
  })

  test('a name that has come to mean this machine is answered nothing', async () => {
    const port = new URL(opened.url()).port
    const { page } = await browser.open(`http://rebound.example:${port}/`)
    expect(await page.locator('body').innerText()).toContain('and no other host')
    const read = await page.evaluate(() => fetch('/api/state').then(({ status }) => status))
    expect(read).toBe(421)
  })
})
