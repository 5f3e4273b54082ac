// A rolling restart of three nodes of real Kafka under five members, as an upgrade is: each node in turn goes in peace
// and comes back. TEST_KAFKA_CLUSTER names a cluster that runs: the path of a script, a colon and a port, as in
// `npm run chaos -- --cluster`.

import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openCluster } from '../chaos/nodes/open.ts'
import { whenUsable } from '../rig/topics.ts'
import { newShop } from './fixtures.ts'
import type { MemberReport } from './reports.ts'
import { startSupervisor } from './supervisor.ts'

const [, script = '', port = ''] = /^(.+):(\d{1,5})$/.exec(process.env.TEST_KAFKA_CLUSTER ?? '') ?? []
const SLOW = { timeout: 120_000, interval: 100 }
const MEMBERS = 5
const AWAY = 500 // ms that a node is away at least

test.skipIf(!script)(
  'five members of stock lose nothing and do nothing twice while three nodes are restarted in turn',
  async ({ annotate }) => {
    const { brokers, ids, nodes } = await openCluster({ script: resolve(script), port: Number(port) }, '')
    onTestFinished(async () => void (await nodes?.close()))
    expect(ids).toHaveLength(3)
    const shop = await newShop(brokers.join())
    const supervisor = startSupervisor({ env: shop.env, apps: ['stock'], groupOf: shop.group })
    onTestFinished(() => supervisor.close())
    const reports: MemberReport[] = []
    supervisor.subscribe((report) => reports.push(report))
    for (let number = 1; number <= MEMBERS; number++) supervisor.start('stock')
    const working = () => supervisor.members().filter(({ state }) => state === 'working').length
    await expect.poll(working, SLOW).toBe(MEMBERS)

    const restarted = new AbortController()
    const published: string[] = []
    const load = (async () => {
      // An event whose sending failed may be there nevertheless: it goes again as itself.
      while (!restarted.signal.aborted) {
        const event = { product_id: published.length + 1, id: crypto.randomUUID() }
        await expect.poll(() => shop.publish([event]).catch(() => undefined), SLOW).toEqual([event.id])
        published.push(event.id)
      }
    })()
    try {
      for (const id of ids) {
        const before = published.length
        await expect.poll(() => published.length, SLOW).toBeGreaterThan(before + 20)
        await nodes?.down(id)
        await setTimeout(AWAY)
        await nodes?.up()
        await whenUsable(brokers, shop.topics)
      }
    } finally {
      restarted.abort()
      await load
    }

    const records = () => reports.filter((report) => report.what === 'record')
    const done = () =>
      records()
        .filter(({ outcome }) => outcome === 'done')
        .map(({ eventId }) => eventId ?? '')
    await expect.poll(() => new Set(done()).size, SLOW).toBe(published.length)
    expect(done().toSorted()).toEqual(published.toSorted())
    const { rows } = await shop.pool.query<{ products: number }>(
      'select count(*)::integer as products from consumers.stock where units = 3',
    )
    expect(rows).toEqual([{ products: published.length }])
    expect(records().filter(({ outcome }) => outcome === 'dead')).toEqual([])
    await expect.poll(working, SLOW).toBe(MEMBERS)
    const joins = reports.filter(({ what }) => what === 'joined').length
    const again = records().filter(({ outcome }) => outcome === 'duplicate').length
    await annotate(`${published.length} events, ${joins} times joined, ${again} records seen again`)
  },
)
