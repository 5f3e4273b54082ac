// Tabs that stay open: many of them, and over a restart of the console.

import { describe, expect, test } from 'vitest'
import { launchBrowser, missing } from './rig/browser.ts'
import { openTestConsole } from '../fixtures.ts'

const opened = openTestConsole()
const browser = launchBrowser()

describe.skipIf(missing)('in a browser', () => {
  test('of seven tabs the newest are live, the oldest say that they have stopped, and all of them work', async () => {
    const first = await browser.open(opened.url())
    const tabs = [first]
    for (let i = 1; i < 7; i++) {
      const tab = await first.beside(opened.url())
      await tab.page.waitForSelector('#producer')
      tabs.push(tab)
    }
    const live = await Promise.all(tabs.map(({ page }) => page.locator('.live').innerText()))
    expect(live.slice(-1)).toEqual(['● live'])
    await first.page.getByText('stopped here').waitFor()
    for (const { page } of tabs) {
      await page.fill('#find', 'nobody has this name')
      await page.locator('.found').getByText('0 products, 0 records').waitFor()
    }
    await first.page.getByRole('button', { name: 'go on in this window' }).click()
    await first.page.getByText('● live').waitFor()
  })

  test('a tab says that the console is away, and goes on by itself when it is back', async () => {
    const { page } = await browser.open(opened.url())
    await page.getByText('● live').waitFor()
    const start = await opened.stop()
    await page.getByText('reconnecting').waitFor()
    await page.getByRole('button', { name: 'add 1', exact: true }).click()
    await page.getByText('The console does not answer. `npm run console` starts it.').waitFor()
    await start()
    await page.getByText('● live').waitFor()
    await page.getByRole('button', { name: 'add 1', exact: true }).click() // with the token of the new start
    await page
      .getByText('1 made')
      .or(page.getByRole('cell', { name: '201' }))
      .first()
      .waitFor()
  })

  test.each([
    ['reduce', 'none'],
    ['no-preference', 'arrive'],
  ] as const)('where motion is %s, what arrives moves as: %s', async (reducedMotion, expected) => {
    const place = await opened.write({ key: 'moving', value: '{}' })
    const { page } = await browser.open(opened.url(), { reducedMotion })
    const cell = page.locator(`[data-place="${place}"]`)
    await cell.waitFor()
    await page.locator('html.calm').waitFor()
    expect(await cell.evaluate((element) => getComputedStyle(element).animationName)).toBe(expected)
  })
})
