import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openSocket, produce, read, startBroker, until } from './fixtures.ts'
import { createLoads, LIMITS } from './loads.ts'

const KB = 1024

/** Begins a request that it says has 90 MB, and sends no more of it than this. */
async function halfSend(brokers: string[], bytes: number) {
  const socket = await openSocket(brokers)
  const state = { closed: false, socket }
  socket.on('error', () => {})
  socket.on('close', () => (state.closed = true))
  const size = Buffer.alloc(4)
  size.writeInt32BE(90 * KB * KB)
  socket.write(size)
  socket.write(Buffer.alloc(bytes))
  return state
}

test('requests that are never finished cost their own connections, the largest first, and others are served', async () => {
  const logged: string[] = []
  const { brokers, client } = await startBroker({ limits: { unansweredBytes: 1000 * KB }, log: (message) => logged.push(message) })
  const small = await halfSend(brokers, 10 * KB)
  const large: Awaited<ReturnType<typeof halfSend>>[] = []
  for (let i = 0; i < 5; i++) large.push(await halfSend(brokers, (300 + i) * KB))
  await until(() => large.filter(({ closed }) => closed).length >= 2)
  await produce(client, 'orders', 'served')
  expect(await read(client, 'orders', 1)).toEqual(['served'])
  expect(small.closed).toBe(false)
  expect(large.filter(({ closed }) => closed)).toHaveLength(2)
  expect(logged).toEqual(Array(2).fill(expect.stringContaining('bytes of requests that wait')))
})

test('a request that comes byte by byte counts as what it costs', async () => {
  const { brokers } = await startBroker({ limits: { unansweredBytes: 100 * KB } })
  const { socket } = await halfSend(brokers, 0)
  socket.setNoDelay()
  const closed = once(socket, 'close')
  while (!socket.destroyed) await Promise.race([new Promise((sent) => socket.write('x', sent)), closed])
  expect(socket.bytesWritten).toBeLessThan(50 * KB)
})

test('what was answered counts no more', async () => {
  const { client } = await startBroker({ limits: { unansweredBytes: 100 * KB } })
  for (let i = 0; i < 5; i++) await produce(client, 'orders', { value: 'x'.repeat(80 * KB), partition: 0 })
  expect(await read(client, 'orders', 5)).toHaveLength(5)
})

test('a flood of connections ends those that are silent for longest', async () => {
  const { brokers, client } = await startBroker({ limits: { connections: 20 } })
  const flood: Awaited<ReturnType<typeof halfSend>>[] = []
  for (let i = 0; i < 30; i++) flood.push(await halfSend(brokers, 1))
  await until(() => flood.filter(({ closed }) => closed).length >= 10)
  expect(flood.slice(-10).every(({ closed }) => !closed)).toBe(true)
  await produce(client, 'orders', 'served')
  expect(await read(client, 'orders', 1)).toEqual(['served'])
})

test('a connection on which nothing happens is ended', async () => {
  const { brokers } = await startBroker({ limits: { idle: 50 } })
  const silent = await halfSend(brokers, 1)
  await until(() => silent.closed)
})

test('what a client holds is given back when it goes', () => {
  const cut: number[] = []
  const loads = createLoads({ ...LIMITS, unansweredBytes: 100 })
  const [first, second, third] = [1, 2, 3].map((n) => loads.open(() => cut.push(n)))
  if (!first || !second || !third) throw new Error('not opened')
  loads.hold(first, 60)
  loads.close(first)
  loads.hold(second, 60)
  loads.hold(third, 40)
  expect(cut).toEqual([])
  loads.hold(third, 50)
  expect(cut).toEqual([2])
})
