// A browser for the tests of one file: Debian's, or the one that CHROMIUM names. Without one they are left out, and say
// so.

import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

const { CHROMIUM = '/usr/bin/chromium' } = process.env
export const missing = !existsSync(CHROMIUM)
if (missing) console.warn(`Not tested: the console in a browser, as there is no ${CHROMIUM}. CHROMIUM names another.`)

const SLOW = 120_000 // ms
/** Every name that ends so means this machine, as after DNS rebinding. */
const RULES = '--host-resolver-rules=MAP *.example 127.0.0.1'

export function launchBrowser() {
  let browser: Browser | undefined
  beforeAll(async () => {
    if (!missing)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', RULES], timeout: SLOW })
  })
  afterAll(() => browser?.close())

  return {
    /** A tab in a window of its own, which is closed after the test. */
    async open(address: string, options: BrowserContextOptions = {}) {
      if (!browser) throw new Error('there is no browser')
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options })
      onTestFinished(() => context.close())
      return openTab(context, address)
    },
  }
}

/** `faults` are errors that nobody caught, and those of the browser, such as what the CSP forbids. */
async function openTab(context: BrowserContext, address: string) {
  const page = await context.newPage()
  page.setDefaultTimeout(SLOW)
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(address)
  return { page, faults, beside: (address: string) => openTab(context, address) }
}

/**
 * What axe finds with everything unfolded and nothing that moves, as what is arriving has no contrast yet, and what is
 * cut off at the right. The page has to be opened with `bypassCSP`.
 */
export async function findFaults(page: Page) {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)))
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document)
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary}`),
    )
    const { scrollWidth, clientWidth } = document.documentElement
    const all = scrollWidth > clientWidth ? [...document.querySelectorAll('main *')] : []
    const cutOff = all.filter((each) => each.getBoundingClientRect().right > innerWidth)
    return [...found, ...cutOff.map((each) => `cut off: ${each.outerHTML.slice(0, 150)}`)]
  })
}
