// One broker of Apache Kafka for `npm run dev -- --apache-kafka`.

import { execFile, spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorMessage } from '../machine/error-message.ts'

const SCRIPT = join(import.meta.dirname, 'kafka')
export const STOP_MS = 10_000 // the script kills what does not end by then

type Options = { folder: string; port: number; partitions: number; log: (message: string) => void }

/**
 * Starts it on the data that the folder has, or on none. `port` is the plaintext one; the next two are its
 * controller's, and for SASL over TLS. Throws an Error that says what is missing where it cannot start.
 */
export async function startApacheKafka({ folder, port, partitions, log }: Options) {
  const env = { ...process.env, APACHE_KAFKA_DATA: folder, APACHE_KAFKA_PARTITIONS: String(partitions) }
  const kafka = (verb: string) => promisify(execFile)('bash', [SCRIPT, verb, String(port)], { env })
  const stopNow = () => void spawnSync('bash', [SCRIPT, 'kill', String(port)], { env })
  log('Kafka: starting Apache Kafka, whose first start gets its jars by Maven')
  process.once('exit', stopNow)
  try {
    const before: string[] = await readdir(folder).catch(() => [])
    await kafka(before.includes(String(port)) ? 'up' : 'start')
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause && String(cause.stderr).trim()
    throw new Error(
      `Apache Kafka has not started. It takes Java 17, Maven and openssl\n${said || errorMessage(cause)}`,
      {
        cause,
      },
    )
  }
  return {
    broker: `127.0.0.1:${port}`,
    stop: async () => {
      await kafka('down')
      process.off('exit', stopNow)
    },
  }
}

/** Ends brokers that outlived a killed `npm run dev`. */
export async function stopApacheKafka(folder: string) {
  for (const port of await readdir(folder).catch(() => []))
    await promisify(execFile)('bash', [SCRIPT, 'stop', port], { env: { ...process.env, APACHE_KAFKA_DATA: folder } })
}
