import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newShop, wasInTime } from './fixtures.ts'
import type { MemberReport } from './reports.ts'
import { startSupervisor } from './supervisor.ts'

const PROGRAM = join(import.meta.dirname, 'probe-process.ts')
const SLOW = { timeout: 600_000, interval: 50 } // processes that start, and sessions that time out
const FATAL = 666 // see probe-process.ts
const MOST = 300 // events that are published and not done yet, under load
const PACE = 20 // ms between two of them
const SLOWNESS = 200 // ms for each record, of a member that is about to be stopped

async function supervised() {
  const shop = await newShop()
  const supervisor = startSupervisor({ env: shop.env, apps: ['probe'], groupOf: shop.group, program: PROGRAM })
  onTestFinished(() => supervisor.close())
  const reports: MemberReport[] = []
  supervisor.subscribe((report) => reports.push(report))
  const states = () => supervisor.members().map(({ name, state }) => `${name} ${state}`)
  const outcomes = () =>
    reports.flatMap((report) => (report.what === 'record' && wasInTime(report) ? [report.outcome] : []))
  return { shop, supervisor, reports, states, outcomes }
}

test('a process killed between effect and commit is started again, loses nothing, and does nothing twice', async () => {
  const { shop, supervisor, reports, states, outcomes } = await supervised()
  supervisor.start('probe')
  await expect.poll(states, SLOW).toEqual(['probe-1 working'])
  const before = await shop.publish([{ product_id: 1, partition: 0 }])
  await expect.poll(outcomes, SLOW).toEqual(['done'])
  const fatal = await shop.publish([{ product_id: FATAL, partition: 0 }])
  await expect
    .poll(() => reports.find(({ what }) => what === 'ended'), SLOW)
    .toMatchObject({ by: 'itself', code: null, signal: 'SIGKILL' })
  const after = await shop.publish([{ product_id: 2, partition: 0 }])

  await expect.poll(outcomes, SLOW).toEqual(['done', 'duplicate', 'done'])
  expect((await shop.effects('probe')).toSorted()).toEqual([...before, ...fatal, ...after].toSorted())
  expect(supervisor.members()).toMatchObject([{ state: 'working', restarts: 1, counts: { done: 1, duplicate: 1 } }])
  expect(reports.findLast(({ what }) => what === 'waiting')).toMatchObject({ ms: 1_000, restarts: 1 })
})

test('one that is killed stays dead, and its partitions go to the others when its session has timed out', async () => {
  const { shop, supervisor, reports, states } = await supervised()
  supervisor.start('probe')
  supervisor.start('probe')
  await expect.poll(states, SLOW).toEqual(['probe-1 working', 'probe-2 working'])
  await supervisor.kill('probe-2')
  await expect.poll(states, SLOW).toEqual(['probe-1 working', 'probe-2 killed']) // Kafka may have missed it already
  expect(reports.findLast(({ what }) => what === 'ended')).toMatchObject({
    member: 'probe-2',
    by: 'kill',
    signal: 'SIGKILL',
  })
  await expect.poll(() => Object.values(supervisor.members()[0]?.assignment ?? {}).flat().length, SLOW).toBe(12)
  const ids = await shop.publish(Array.from({ length: 12 }, (_, index) => ({ product_id: 1 + index })))
  await expect.poll(() => shop.effects('probe'), SLOW).toHaveLength(ids.length)

  expect(supervisor.start('probe').name).toBe('probe-2') // the same, in a new process
  await expect.poll(states, SLOW).toEqual(['probe-1 working', 'probe-2 working'])
  await supervisor.stop('probe-1')
  expect(states()[0]).toBe('probe-1 stopped')
  const [leaving, ended] = reports.filter(
    ({ member, what }) => member === 'probe-1' && (what === 'left' || what === 'ended'),
  )
  expect([leaving?.what, ended]).toMatchObject(['left', { by: 'stop', code: 0 }])
})

test('a rolling restart of all members under load loses nothing and does nothing twice', async () => {
  const { shop, supervisor, states, outcomes } = await supervised()
  for (let number = 1; number <= 3; number++) supervisor.start('probe')
  await expect.poll(states, SLOW).toEqual(['probe-1 working', 'probe-2 working', 'probe-3 working'])
  const done = (member: string) => supervisor.members().find(({ name }) => name === member)?.counts.done ?? 0
  const ids: string[] = []
  const load = new AbortController()
  onTestFinished(() => load.abort())
  const loading = (async () => {
    while (!load.signal.aborted) {
      if (ids.length - outcomes().length < MOST) ids.push(...(await shop.publish([{ product_id: ids.length + 1 }])))
      await setTimeout(PACE)
    }
  })()
  for (const { name } of supervisor.members()) {
    supervisor.slow(name, SLOWNESS)
    const before = done(name)
    await expect.poll(() => done(name), SLOW).toBeGreaterThan(before + 2) // it falls behind, and has a batch to finish
    await supervisor.stop(name)
    supervisor.slow(name, 0)
    supervisor.start('probe')
    await expect.poll(states, SLOW).toEqual(['probe-1 working', 'probe-2 working', 'probe-3 working'])
  }
  load.abort()
  await loading
  await expect.poll(async () => (await shop.effects('probe')).length, SLOW).toBeGreaterThanOrEqual(ids.length)
  expect((await shop.effects('probe')).toSorted()).toEqual(ids.toSorted())
})

test('a wrong setting is said, and is no reason to start again and again', async () => {
  const { shop } = await supervised()
  const supervisor = startSupervisor({
    env: { ...shop.env, PRODUCTS_TOPIC: 'no/topic' },
    apps: ['probe'],
    program: PROGRAM,
  })
  onTestFinished(() => supervisor.close())
  supervisor.start('probe')
  await expect.poll(() => supervisor.members()[0]?.state, SLOW).toBe('failed')
  expect(supervisor.members()[0]?.lastError).toContain('PRODUCTS_TOPIC')
  expect(() => supervisor.start('nothing')).toThrow('there is no app nothing: there are probe')
})
