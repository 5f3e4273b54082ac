// What a member does when Kafka or Postgres goes away and comes back. No process is started again here: a member goes
// on by itself.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../kafka/fixtures.ts'
import { startKafka } from '../kafka/server.ts'
import { startKafkaThread } from '../kafka/thread.ts'
import { lastingPort } from '../machine/ports.ts'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { forward } from '../rig/tcp.ts'
import { newShop } from './fixtures.ts'
import { probe } from './probe.ts'

const SLOWNESS = 100 // ms for each record, so that some are under way when the outage begins

/** Two members at work on 30 events; `end` publishes another and waits until all are done, each once. */
async function atWork(brokers: string[]) {
  const shop = await newShop(brokers.join())
  const members = [await shop.join(probe('steady'), 'steady-1'), await shop.join(probe('steady'), 'steady-2')]
  const joined = () => members.map((member) => member.share()?.what)
  await expect.poll(joined).toEqual(['joined', 'joined'])
  for (const member of members) member.slow(SLOWNESS)
  const ids = await shop.publish(Array.from({ length: 30 }, (_, index) => ({ product_id: index })))
  await expect.poll(async () => (await shop.effects('steady')).length).toBeGreaterThan(2)
  return {
    shop,
    members,
    async end() {
      const id = crypto.randomUUID()
      const last = () => shop.publish([{ product_id: 100, id }]).catch(() => undefined)
      await expect.poll(last).toBeDefined()
      const effects = () => shop.effects('steady').then((all) => all.toSorted())
      await expect.poll(effects).toEqual([...ids, id].toSorted())
      await expect.poll(joined).toEqual(['joined', 'joined'])
    },
  }
}

// A session lasts 10 s: 5 s are less, and after 30 s both members have lost theirs, as far as they can tell.
test.each([5, 30])('a broker that stands still for %i s loses nothing, and its members go on', async (seconds) => {
  const kafka = await startKafkaThread({ ports: [0], partitions: 6, log: () => {} })
  onTestFinished(() => kafka.close())
  const work = await atWork(kafka.brokers)
  kafka.pause(true)
  await setTimeout(seconds * 1_000) // the outage itself
  kafka.pause(false)
  await work.end()
})

test('a broker that is killed and started again loses nothing, and its members go on', async () => {
  const port = await lastingPort()
  const folder = await temporaryFolder()
  const program = fileURLToPath(import.meta.resolve('../kafka/main.ts'))
  const start = async () => {
    const args = [program, '--port', String(port), '--data', folder, '--partitions', '6']
    const broker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(broker.stdout, 'data') // it says where it listens
    return broker
  }
  const end = async (broker: ChildProcess) => {
    const exited = once(broker, 'exit')
    broker.kill('SIGKILL')
    await exited
  }
  let broker = await start()
  onTestFinished(() => end(broker)) // when the shop, which is opened later, is closed
  const work = await atWork([`127.0.0.1:${port}`])
  await end(broker)
  const noticed = () =>
    work.members.every(({ reports }) => reports.some(({ what }) => what === 'trouble' || what === 'crashed'))
  await expect.poll(noticed).toBe(true)
  broker = await start()
  await work.end()
})

test('members go on with a topic that is deleted and made again, from its first record', async () => {
  const shop = await newShop()
  const [created = ''] = shop.topics
  const members = [await shop.join(probe('steady'), 'steady-1'), await shop.join(probe('steady'), 'steady-2')]
  await expect.poll(() => members.map((member) => member.share()?.what)).toEqual(['joined', 'joined'])
  const round = (from: number) =>
    Array.from({ length: 6 }, (_, partition) => ({ product_id: from + partition, partition, id: crypto.randomUUID() }))
  const before = await shop.publish([...round(0), ...round(10)])
  const effects = () => shop.effects('steady').then((all) => all.toSorted())
  await expect.poll(effects).toEqual(before.toSorted())

  const known = members.map(({ reports }) => reports.length)
  await shop.admin.deleteTopics({ topics: [created] })
  const noticed = () =>
    members.every(({ reports }, index) =>
      reports
        .slice(known[index])
        .some(({ what }) => what === 'trouble' || what === 'crashed' || what === 'rebalancing'),
    )
  await expect.poll(noticed).toBe(true)
  await shop.admin.createTopics({ topics: [{ topic: created, numPartitions: 6 }], waitForLeaders: false })
  const after = round(20) // what was sent and not acknowledged goes again as itself
  await expect.poll(() => shop.publish(after).catch(() => undefined)).toBeDefined()
  await expect.poll(effects).toEqual([...before, ...after.map(({ id }) => id)].toSorted())
})

test('a broker that was gone for a while has its members back, and nothing is lost or done twice', async () => {
  const options = { ports: [await lastingPort()], folder: await temporaryFolder(), log: () => {} }
  let kafka = await startKafka(options)
  onTestFinished(() => kafka.close())
  const shop = await newShop(kafka.brokers.join())
  const member = await shop.join(probe('patient'))
  const before = await shop.publish([{ product_id: 1 }, { product_id: 2 }])
  await expect.poll(() => shop.effects('patient')).toHaveLength(2)

  await kafka.close()
  await expect.poll(() => member.reports.some(({ what }) => what === 'trouble' || what === 'crashed')).toBe(true)
  kafka = await startKafka(options)
  const third = { product_id: 3, id: crypto.randomUUID() } // what was not acknowledged goes again as itself
  await expect.poll(() => shop.publish([third]).catch(() => undefined)).toBeDefined()
  await expect.poll(() => shop.effects('patient')).toHaveLength(3)
  expect((await shop.effects('patient')).slice(0, 2).toSorted()).toEqual(before.toSorted())
})

test('while Postgres is gone everything waits, nothing is a dead letter, and all is done when it is back', async () => {
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
  await expect.poll(() => member.outcomes().length).toBeGreaterThan(4)
  expect(new Set(member.outcomes())).toEqual(new Set(['retry']))
  line = await forward(port, address)
  await expect.poll(() => shop.effects('patient').then((effects) => effects.toSorted())).toEqual(ids.toSorted())
})

// A busy machine may stand still for as long as a session has left after an attempt of 5 s.
test(
  'a Postgres that answers nobody costs no member its partitions, and all is done once when it is back',
  ANEW_IF_BUSY,
  async () => {
    const shop = await newShop()
    const database = new URL(shop.env.DATABASE_URL)
    const { host } = database
    database.port = String(await lastingPort())
    let line = await forward(Number(database.port), host)
    onTestFinished(() => line[Symbol.asyncDispose]())
    const member = await shop.join(probe('patient'), 'patient-1', { DATABASE_URL: database.href })
    const before = await shop.publish([{ product_id: 1, partition: 0 }])
    await expect.poll(member.outcomes).toEqual(['done'])
    line.silence()
    const ids = await shop.publish([1, 2, 3].map((partition) => ({ product_id: 10 + partition, partition })))
    await expect.poll(() => member.outcomes().length).toBeGreaterThan(5) // of 5 s each: two sessions
    expect(new Set(member.outcomes().slice(1))).toEqual(new Set(['retry']))
    await line[Symbol.asyncDispose]()
    line = await forward(Number(database.port), host)
    const effects = () => shop.effects('patient').then((all) => all.toSorted())
    await expect.poll(effects).toEqual([...before, ...ids].toSorted())
    expect(member.reports.filter(({ what }) => what === 'joined' || what === 'crashed')).toHaveLength(1)
  },
)
