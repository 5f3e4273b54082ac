// What a member does when Kafka or Postgres goes away and comes back.

import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../kafka/fixtures.ts'
import { startKafka } from '../kafka/server.ts'
import { lastingPort } from '../machine/ports.ts'
import { forward } from '../rig/tcp.ts'
import { newShop } from './fixtures.ts'
import { probe } from './probe.ts'

const SLOW = { timeout: 120_000 }

test(
  'a broker that was gone for a while has its members back, and nothing is lost or done twice',
  { timeout: 300_000 },
  async () => {
    const options = { ports: [await lastingPort()], folder: await temporaryFolder(), log: () => {} }
    let kafka = await startKafka(options)
    onTestFinished(() => kafka.close())
    const shop = await newShop(kafka.brokers.join())
    const member = await shop.join(probe('patient'))
    const before = await shop.publish([{ product_id: 1 }, { product_id: 2 }])
    await expect.poll(() => shop.effects('patient')).toHaveLength(2)

    await kafka.close()
    await expect
      .poll(() => member.reports.some(({ what }) => what === 'trouble' || what === 'crashed'), SLOW)
      .toBe(true)
    kafka = await startKafka(options)
    await expect.poll(() => shop.publish([{ product_id: 3 }]).catch(() => undefined), SLOW).toBeDefined()
    await expect.poll(() => shop.effects('patient'), SLOW).toHaveLength(3)
    expect((await shop.effects('patient')).slice(0, 2).toSorted()).toEqual(before.toSorted())
  },
)

test(
  'while Postgres is gone everything waits, nothing is a dead letter, and all is done when it is back',
  { timeout: 300_000 },
  async () => {
    const shop = await newShop()
    const database = new URL(shop.env.DATABASE_URL)
    const port = await lastingPort()
    const address = database.host
    database.port = String(port)
    let line = await forward(port, address)
    onTestFinished(() => line[Symbol.asyncDispose]())
    const member = await shop.join(probe('patient'), 'patient-1', { DATABASE_URL: database.href })
    await expect.poll(() => member.share()?.what).toBe('joined')
    await line[Symbol.asyncDispose]()
    const ids = await shop.publish([1, 2, 3].map((product_id) => ({ product_id, partition: product_id })))
    await expect.poll(() => member.outcomes().length, SLOW).toBeGreaterThan(4)
    expect(new Set(member.outcomes())).toEqual(new Set(['retry']))
    line = await forward(port, address)
    await expect.poll(() => shop.effects('patient').then((effects) => effects.toSorted()), SLOW).toEqual(ids.toSorted())
  },
)
