// The local Kafka in a thread of its own: whatever keeps it busy holds up nobody else, and what it holds is not on
// their heap.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as z from 'zod'
import { errorMessage } from '../machine/error-message.ts'
import type { Options } from './server.ts'

export const Told = z.union([
  z.object({ brokers: z.array(z.string()) }), // it takes requests
  z.object({ failure: z.string() }), // it could not start
  z.object({ log: z.string() }),
])
export type Told = z.infer<typeof Told>
export const CLOSE = 'close'
export const PAUSE = 'pause'

/**
 * As startKafka. A thread that ends by itself is told to `log`. While it is paused it reads nothing and answers
 * nothing.
 */
export async function startKafkaThread({ log = console.error, ...options }: Options) {
  const paused = new Int32Array(new SharedArrayBuffer(4)) // 1 while it is
  const thread = new Worker(new URL('./thread-main.ts', import.meta.url), {
    workerData: { options, paused },
    execArgv: [],
  })
  const resume = () => {
    Atomics.store(paused, 0, 0)
    Atomics.notify(paused, 0)
  }
  const exited = once(thread, 'exit').catch(() => {}) // an error is told below
  thread.on('error', (error) => log(`Kafka has ended: ${errorMessage(error)}`))
  const brokers = await new Promise<string[]>((resolve, reject) => {
    thread.on('message', (message) => {
      const told = Told.parse(message)
      if ('brokers' in told) resolve(told.brokers)
      else if ('failure' in told) reject(new Error(told.failure))
      else log(told.log)
    })
    thread.once('exit', () => reject(new Error('Kafka has ended before it was up')))
  })
  return {
    brokers,
    pause: (isPaused: boolean) => {
      if (!isPaused) return resume()
      Atomics.store(paused, 0, 1)
      thread.postMessage(PAUSE)
    },
    async close() {
      resume()
      thread.postMessage(CLOSE)
      await exited
    },
  }
}
