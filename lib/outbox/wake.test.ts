// How often an isolate asks for the alarm, and what it does where it gets none; that the alarm comes is
// `alarm.test.ts`'s.

import { expect, onTestFinished, test, vi } from 'vitest'
import { insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import { startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { drainOrWake, newMemory, wake, wakeIfKilled } from './wake.ts'

const { sql, kafka } = stage()

function stopTheClock() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
}

function listenToErrors() {
  const log = vi.fn()
  for (const level of ['error', 'warn'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation(log)
    onTestFinished(() => spy.mockRestore())
  }
  return log
}

/** An object that writes down what it is asked for. */
function recorder() {
  const asked: number[] = []
  const waiting: Promise<unknown>[] = []
  return {
    asked,
    env: { OUTBOX_ALARM: { getByName: () => ({ arm: async (ms: number) => void asked.push(ms) }) } },
    executionCtx: { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise) },
    settled: () => Promise.all(waiting),
  }
}

test('a publisher that leaves something sets the alarm, and one that leaves nothing sets none', async () => {
  const { asked, env } = recorder()
  await drainOrWake(env, sql, kafka)
  expect(asked).toEqual([])
  await insertEvents(sql, 3)
  await using dead = await startUnkindBroker('hanging up')
  const log = listenToErrors()
  await drainOrWake(env, sql, { ...kafka, KAFKA_BOOTSTRAP_SERVERS: [dead.address] })
  expect(log).toHaveBeenCalled()
  expect(await pendingEvents(sql)).toBe(3)
  expect(asked).toEqual([expect.toSatisfy((ms: number) => ms > 0 && ms <= 1_000)]) // when Kafka may be tried again
})

test('an isolate that writes asks for the case that it is killed once in 30 s, however much it writes', async () => {
  stopTheClock()
  const { asked, settled, ...context } = recorder()
  const memory = newMemory()
  for (let i = 0; i < 100; i++) wakeIfKilled(context, memory)
  await settled()
  expect(asked).toEqual([60_000])
  vi.advanceTimersByTime(30_000)
  wakeIfKilled(context, memory)
  await settled()
  expect(asked).toEqual([60_000, 60_000])
})

test('an alarm that is still to come serves for all that would be later', async () => {
  stopTheClock()
  const { asked, env } = recorder()
  const memory = newMemory()
  await wake(env, 30_000, memory)
  for (let i = 0; i < 100; i++) await wake(env, 30_000 + i, memory)
  expect(asked).toEqual([30_000])
  await wake(env, 1_000, memory)
  expect(asked).toEqual([30_000, 1_000])
  vi.advanceTimersByTime(1_001)
  await wake(env, 30_000, memory)
  expect(asked).toEqual([30_000, 1_000, 30_000])
})

const failing = (arm: () => Promise<void>) => ({ OUTBOX_ALARM: { getByName: () => ({ arm: vi.fn(arm) }) } })
const broken = () => {
  throw new Error('broken')
}

test.each([
  ['is not bound', {}],
  ['cannot be found', { OUTBOX_ALARM: { getByName: broken } }],
  ['throws', failing(broken)],
  ['fails', failing(() => Promise.reject(new Error('reset')))],
  ['never answers', failing(() => new Promise(() => {}))],
])('where it %s nobody is told but the log, once, and who writes later tries again', async (_, env) => {
  stopTheClock()
  const log = listenToErrors()
  const { asked, settled, ...context } = recorder()
  const memory = newMemory()
  for (const _ of [1, 2, 3]) {
    wakeIfKilled({ ...context, env }, memory)
    await vi.advanceTimersByTimeAsync(5_000)
    await settled()
    vi.advanceTimersByTime(1_000)
    const woken = wake(env, 1_000, memory)
    await vi.advanceTimersByTimeAsync(5_000)
    await woken
    vi.advanceTimersByTime(1_000)
  }
  expect(log).toHaveBeenCalledTimes(1)
  wakeIfKilled(context, memory)
  await settled()
  expect(asked).toEqual([60_000])
  const woken = wake(env, 1_000, memory)
  await vi.advanceTimersByTimeAsync(5_000)
  await woken
  expect(log).toHaveBeenCalledTimes(2)
})

test('an object that fails is asked once a second, however much is written', async () => {
  stopTheClock()
  listenToErrors()
  const { settled, executionCtx } = recorder()
  const memory = newMemory()
  const arm = vi.fn(() => Promise.reject(new Error('overloaded')))
  const env = { OUTBOX_ALARM: { getByName: () => ({ arm }) } }
  for (let i = 0; i < 100; i++) {
    wakeIfKilled({ env, executionCtx }, memory)
    await settled()
    await wake(env, 1_000, memory)
  }
  expect(arm).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  await wake(env, 1_000, memory)
  expect(arm).toHaveBeenCalledTimes(2)
})
