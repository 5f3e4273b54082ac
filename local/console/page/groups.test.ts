// What somebody learns of groups from the page alone: consumers are started, killed and moved by its buttons.

import { describe, expect, onTestFinished, test } from 'vitest'
import { findFaults, launchBrowser, missing } from './rig/browser.ts'
import { openTestConsole, ownBroker } from '../fixtures.ts'

const opened = openTestConsole(ownBroker())
const browser = launchBrowser()
const SLOW = { timeout: 400_000 } // processes are started, and a session runs out
const PATIENCE = 120_000 // ms for one step: less than the test has, so that what is not there is named

/** The records that the group stock has done and committed. */
async function committed() {
  const group = (await opened.readState()).groups.find(({ groupId }) => groupId === 'stock')
  return group?.partitions.reduce((sum, partition) => sum + (partition.committed ?? 0), 0)
}

describe.skipIf(missing)('in a browser', () => {
  test('a consumer that is killed is told as a story, and what is seen again is not done again', async () => {
    const { page, faults } = await browser.open(opened.url())
    page.setDefaultTimeout(PATIENCE)
    const stock = page.getByRole('article', { name: 'group stock' })
    const story = page.getByRole('region', { name: 'What happened' })
    const row = (member: string) => stock.getByRole('row', { name: new RegExp(`^${member}`) })

    await page.getByRole('button', { name: 'start stock' }).click()
    await row('stock-1').getByText('works').waitFor()
    await stock.getByRole('button', { name: 'add a member' }).click()
    await row('stock-2').getByText('works').waitFor()
    await row('stock-2').getByText('created').waitFor() // it has partitions
    await page.getByRole('button', { name: 'add 100' }).click()
    await page.getByText('100 made').waitFor()
    await expect.poll(committed, SLOW).toBe(100) // all are published, and done: the lag of none is 0 as well
    await stock.getByText(/lag 0/).waitFor()

    await page.clock.setFixedTime(Date.now()) // of the page: a busy machine may show the countdown when it is over
    await stock.getByRole('button', { name: 'kill stock-2' }).click()
    await story.getByText(/stock-2 was killed\. Kafka does not know it yet/).waitFor()
    await story.locator('.countdown').waitFor()
    const shared = story.getByText(/partitions moved: stock-1 has 6\. Nobody worked on them for/)
    await shared.waitFor()
    await story.getByText('what moved').first().click()
    await story.getByText('stock-2 → stock-1: created').waitFor()

    await stock.getByText('move the group').click()
    await stock.getByRole('button', { name: 'to the oldest record' }).click()
    await stock.getByText('While members run they would commit over it.').waitFor()
    await stock.getByRole('button', { name: 'stop 1 member first' }).click()
    await stock.getByRole('button', { name: 'really move stock' }).click()
    await stock.getByText('0 seen again, 0 done again').waitFor()
    await stock.getByRole('button', { name: 'start a member' }).click()
    await stock.getByText('100 seen again, 0 done again').waitFor()
    expect(faults).toEqual([])
    const seen = Object.keys((await opened.readState()).experiments)
    expect(seen).toEqual(expect.arrayContaining(['share', 'kill', 'leave', 'again']))
  })

  test('a bad record is set aside, and sent again to the one group that asks for it', async () => {
    const { page } = await browser.open(opened.url())
    page.setDefaultTimeout(PATIENCE)
    const group = page.getByRole('article', { name: 'group price-watch' })
    await page.getByRole('button', { name: 'start price-watch' }).click()
    await group.getByText('works').waitFor()
    await page.getByRole('button', { name: 'send a bad record' }).click()
    await group.getByText('1 dead').waitFor()
    await group.getByRole('button', { name: 'send its dead letters again' }).click()
    await group.getByText('1 dead letter sent again, for price-watch alone').waitFor()
    await group.getByText('2 dead').waitFor() // it is as bad as before
  })

  test('a broker that is paused is told in a sentence, with what that means', async () => {
    const { page } = await browser.open(opened.url())
    onTestFinished(async () => void (await opened.act('broker', { paused: false })))
    await page.getByRole('button', { name: 'pause the broker' }).click()
    await page.getByText('The broker is paused: it reads nothing and answers nothing.').waitFor()
    await page.getByRole('button', { name: 'add 1', exact: true }).click()
    await page.getByText('Nothing is lost: it waits here.').waitFor()
    await page.getByRole('button', { name: 'let the broker go on' }).click()
    await page.getByText('The broker is paused').waitFor({ state: 'detached' })
  })

  test.each([
    ['light', 1400],
    ['dark', 400],
  ] as const)('axe finds nothing in %s at %i px while a consumer works', async (colorScheme, width) => {
    const members = (await opened.readState()).groups.find(({ groupId }) => groupId === 'audit-log')?.members
    if (!members?.length) await opened.act('start', { app: 'audit-log' })
    const viewport = { width, height: 900 }
    const { page } = await browser.open(opened.url(), { colorScheme, viewport, bypassCSP: true })
    await page
      .getByRole('row', { name: /^audit-log-1/ })
      .getByText('created')
      .waitFor(SLOW)
    await page.getByRole('button', { name: 'help' }).click()
    expect(await findFaults(page)).toEqual([])
  })
})
