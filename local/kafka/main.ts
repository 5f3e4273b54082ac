// The local Kafka on its own: npm run kafka -- [--port 9092] [--nodes 1] [--data DIR] [--partitions 3]
//   [--cleaner-backoff-ms 15000]
// It is for this machine alone, unless it is told to listen elsewhere: --host 0.0.0.0 --advertised-host
// host.docker.internal lets a container in, and everybody else who reaches this machine, as it asks nobody for a
// password.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { lock } from '../machine/lock.ts'
import { CLEANER_BACKOFF } from './housekeeping.ts'
import { startKafka } from './server.ts'
import { wholeNumber } from '../machine/whole-number.ts'

const number = (option: string, min: number, max: number) =>
  z.string().transform((text) => wholeNumber(option, text, min, max))
const LAST_PORT = 65535
const address = (option: string) => z.string().regex(/^[\w.-]+$/, `${option} is a host name or an IPv4 address`)
const EVERYWHERE = '0.0.0.0'
const LOOPBACK = /^(localhost|127(\.\d+){3})$/

const ABOUT = `This is an emulator of Apache Kafka in one process, for programs and tests on this machine: topics, consumer groups
and transactions, for any client that speaks Kafka's protocol. It is not Apache Kafka: it has no TLS and no passwords,
its replicas are one log, and no figure that is measured on it says how fast Kafka is. What else differs is in
local/kafka/README.md. Ctrl-C ends it.`
const Arguments = z.object({
  port: number('--port', 0, LAST_PORT), // 0 is a free one
  nodes: number('--nodes', 1, 100), // on this port and those that follow it
  partitions: number('--partitions', 1, 10_000),
  'cleaner-backoff-ms': number('--cleaner-backoff-ms', 1, 2 ** 31 - 1), // how often it looks for what to compact
  data: z.string().min(1, '--data is a path').optional(),
  host: address('--host'), // to listen on
  'advertised-host': address('--advertised-host').optional(), // that clients are told
})

const Failure = z.object({
  message: z.string(),
  code: z.string().optional(),
  port: z.number().optional(),
  address: z.string().optional(),
  hostname: z.string().optional(),
  path: z.string().optional(),
})

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9092' },
      nodes: { type: 'string', default: '1' },
      partitions: { type: 'string', default: '3' },
      'cleaner-backoff-ms': { type: 'string', default: String(CLEANER_BACKOFF) },
      data: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'advertised-host': { type: 'string' },
    },
  })
  const {
    port,
    nodes,
    partitions,
    'cleaner-backoff-ms': cleanerBackoff,
    data: folder = null,
    host: bind,
    'advertised-host': host = bind,
  } = Arguments.parse(values)
  if (host === EVERYWHERE) throw new Error(`--advertised-host is missing: clients cannot be told ${EVERYWHERE}`)
  if (port + nodes - 1 > LAST_PORT) throw new Error(`--port and --nodes need ports beyond ${LAST_PORT}`)
  // Two brokers on one folder would write over each other.
  const holder = folder && (await lock(resolve(folder), () => `process ${process.pid}`))
  if (holder) throw new Error(`${folder} is in use by ${holder}`)
  const kafka = await startKafka({
    ports: Array.from({ length: nodes }, (_, node) => port && port + node),
    partitions,
    cleanerBackoff,
    folder,
    host,
    bind,
  })
  console.log(`Kafka listens on ${kafka.brokers.join(',')}, records ${folder ? `in ${folder}` : 'in memory'}`)
  console.log(ABOUT)
  if (!LOOPBACK.test(bind))
    console.log('Whoever reaches this machine can read and write it all: it asks for no password.')
  const stop = () => void kafka.close()
  process.once('SIGINT', stop).once('SIGTERM', stop)
} catch (error) {
  console.error(`kafka: ${reason(error)}`)
  process.exitCode = 1
}

function reason(error: unknown) {
  if (error instanceof z.ZodError) return error.issues.map(({ message }) => message).join('; ')
  if (!(error instanceof Error)) return String(error)
  const { message, code, port, hostname, address = hostname, path } = Failure.parse(error)
  if (code === 'EADDRINUSE') return `port ${port} is taken`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `--host ${address} is no address of this machine`
  if (code === 'EEXIST' || code === 'ENOTDIR') return `--data ${path} is no folder`
  return message
}
