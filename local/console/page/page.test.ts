// The page in a real browser, with Postgres, Kafka and the handlers behind it.

import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findFaults, launchBrowser, missing } from './rig/browser.ts'
import { openTestConsole } from '../fixtures.ts'
import { partitionOf } from './murmur2.ts'

const opened = openTestConsole()
const browser = launchBrowser()

async function open(address = '/', options: BrowserContextOptions = {}) {
  const tab = await browser.open(opened.url() + address, options)
  await tab.page.waitForSelector('#producer')
  return tab
}

const send = async (page: Page, name: string) => {
  await page.fill('#name', name)
  await page.getByRole('button', { name: 'POST /products' }).click()
  await page.getByText('201 Created').waitFor()
}

describe.skipIf(missing)('in a browser', () => {
  test('a product that is sent becomes a row, and a record in the partition that murmur2 says', async () => {
    const { page, faults } = await open()
    await send(page, 'Browser kettle')
    await page.getByRole('button', { name: 'see its way' }).click()
    const id = Number(new URL(page.url()).searchParams.get('product'))
    const partition = partitionOf(new TextEncoder().encode(String(id)), opened.partitions)
    await page.locator('.detail').getByText(`${opened.topic} P${partition} offset`).waitFor()
    await page.locator(`[data-place^="${opened.topic}:${partition}:"][aria-label*="key ${id},"]`).waitFor()
    await page.getByRole('cell', { name: 'Browser kettle' }).waitFor()
    expect(faults).toEqual([])
  })

  test('a name that is markup stays text', async () => {
    const { page, faults } = await open()
    await send(page, '<img src=x onerror="document.title=1">')
    await page.getByRole('button', { name: 'see its way' }).click()
    await page.locator('.detail').getByText('<img src=x').first().waitFor()
    await page.locator('.detail .link').first().click()
    await page.locator('.detail .value').getByText('onerror').first().waitFor()
    expect(await page.locator('#page img').count()).toBe(0)
    expect(await page.title()).toBe('Product API: console')
    expect(faults).toEqual([])
  })

  test('null, empty and "null" are told apart', async () => {
    const { page } = await open()
    for (const [value, says] of [
      [null, 'null: nothing at all'],
      ['', 'empty: a text of no characters'],
      ['null', 'null'],
    ] as const) {
      const place = await opened.write({ key: 'values', value })
      await page.goto(`${opened.url()}/?record=${place}`)
      const shown = page.locator('.detail h3:has-text("Value") + *')
      await shown.waitFor()
      expect((await shown.innerText()).trim()).toMatch(new RegExp(`^${says}`))
    }
  })

  test('of a record of 900 kB the page shows the beginning, and gives all of it for download', async () => {
    const place = await opened.write({ key: 'big', value: 'x'.repeat(900_000) })
    const { page } = await open(`/?record=${place}`)
    await page.locator('.detail').getByText('The beginning of 878.9 KiB').waitFor()
    const href = await page.getByRole('link', { name: 'Download all of it' }).getAttribute('href')
    const whole = await fetch(opened.url() + String(href))
    expect((await whole.text()).length).toBe(900_000)
  })

  test('all is done by keyboard: a product, its record, another key, and back', async () => {
    const { page } = await open()
    await page.keyboard.press('n')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Typed lamp')
    await page.keyboard.press('Enter')
    await page.getByText('201 Created').waitFor()
    const cell = page.locator('button.cell[tabindex="0"]').first()
    await cell.waitFor()
    await cell.focus()
    const place = await page.evaluate(() => document.activeElement?.getAttribute('data-place'))
    await page.keyboard.press('Enter')
    await page.waitForSelector('.detail:focus')
    await page.getByRole('textbox', { name: 'Key' }).fill('another')
    const partition = partitionOf(new TextEncoder().encode('another'), opened.partitions)
    await page.locator('.steps strong').getByText(String(partition)).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-place'))).toBe(place)
    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('find')
  })

  test('each word of the lecture explains itself where it shows, and each view gives itself as a command', async () => {
    const { page } = await open()
    const words = 'broker controller topic partition record offset producer consumer group replication'.split(' ')
    for (const word of words) {
      await page.locator(`main button.term[popovertarget="term-${word}"]`).first().click()
      await page.locator(`#term-${word}:popover-open dfn`).getByText(word).waitFor()
      await page.keyboard.press('Escape')
    }
    const commands = (await page.locator('.command code').allTextContents()).join()
    for (const tool of ['curl ', 'kcat ', 'select ', 'kafka-consumer-groups.sh ']) expect(commands).toContain(tool)
    const links = await page.locator('main a.json').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    for (const part of ['story', 'experiments']) expect(links).toContain(`/api/state/${part}`)
    for (const link of links) {
      const answer = await fetch(opened.url() + link)
      expect([link, answer.status, await answer.json()]).toEqual([link, 200, expect.anything()])
    }
  })

  test('a pause keeps the picture, while the stack goes on', async () => {
    const { page } = await open()
    await page.locator('body').press('p')
    await page.getByText('paused: the stack goes on').waitFor()
    const before = await page.locator('.card.wide').innerText()
    const place = await opened.write({ key: 'paused', value: '{}' })
    await opened.isInState(place)
    expect(await page.locator('.card.wide').innerText()).toBe(before)
    await page.locator('body').press('p')
    await expect.poll(() => page.locator('.card.wide').innerText()).not.toBe(before)
  })

  test('a hidden page has no stream, and all is there when it is seen again', async () => {
    const { page } = await open()
    const hide = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await hide(true)
    const place = await opened.write({ key: 'hidden', value: '{}' })
    await hide(false)
    await page.locator(`[data-place="${place}"]`).waitFor()
  })

  test('what is typed into Find is text, and finds by id and by name', async () => {
    const { page } = await open()
    await send(page, 'Findable 100%_compass')
    await page.fill('#find', '100%_comp')
    await page.locator('.found').getByText('Findable 100%_compass').waitFor()
    await page.fill('#find', '100x')
    await page.locator('.found').getByText('0 products, 0 records').waitFor()
  })

  test.each([
    ['light', 1400],
    ['dark', 1400],
    ['light', 400],
    ['dark', 400],
  ] as const)('axe finds nothing in %s at %i px, and nothing is cut off', async (colorScheme, width) => {
    const place = await opened.write({ key: '1', value: '{"a":1}' })
    const { page } = await open(`/?record=${place}`, {
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
      reducedMotion: 'reduce',
    })
    await page.locator('.steps').waitFor()
    expect(await findFaults(page)).toEqual([])
  })
})
