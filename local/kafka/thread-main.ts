// The thread of thread.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '../machine/error-message.ts'
import { startKafka } from './server.ts'
import type { Options } from './server.ts'
import { CLOSE, PAUSE, type Told } from './thread.ts'

const tell = (told: Told) => parentPort?.postMessage(told)

try {
  const { options, paused }: { options: Options; paused: Int32Array } = workerData
  const kafka = await startKafka({ ...options, log: (message: string) => tell({ log: message }) })
  parentPort?.on('message', (message) => {
    if (message === PAUSE) kafka.standStill(() => Atomics.wait(paused, 0, 1))
    if (message !== CLOSE) return
    parentPort?.close()
    void kafka.close()
  })
  tell({ brokers: kafka.brokers })
} catch (error) {
  tell({ failure: errorMessage(error) })
}
