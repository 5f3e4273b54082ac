// The thread of thread.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '../machine/error-message.ts'
import { startKafka } from './server.ts'
import { CLOSE, type Told } from './thread.ts'

const tell = (told: Told) => parentPort?.postMessage(told)

try {
  const kafka = await startKafka({ ...workerData, log: (message: string) => tell({ log: message }) })
  parentPort?.on('message', (message) => {
    if (message !== CLOSE) return
    parentPort?.close()
    void kafka.close()
  })
  tell({ brokers: kafka.brokers })
} catch (error) {
  tell({ failure: errorMessage(error) })
}
