// What the tests here share. Whatever a test opens is closed and removed when it ends.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type ConsumerConfig, type EachMessagePayload, Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { onTestFinished, vi } from 'vitest'
import { crc32c, transactionMarker } from './batch.ts'
import { ApiVersions } from './protocol/metadata.ts'
import { Reader } from './protocol/reader.ts'
import type { Type } from './protocol/types.ts'
import { Writer } from './protocol/writer.ts'
import { startNodes } from './nodes.ts'
import { type Options, startKafka } from './server.ts'

export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A broker in this process, on a free port. */
export async function startBroker(options: Options = {}) {
  const kafka = await startKafka({ ports: [0], log: () => {}, ...options })
  onTestFinished(kafka.close)
  return { ...kafka, client: clientOf(kafka.brokers) }
}

/** Three brokers in this process, whose leaders can be moved, and which can go away and come back. */
export async function startCluster(options: Options = {}) {
  const nodes = await startNodes({ log: () => {}, ...options })
  onTestFinished(nodes.close)
  return { ...nodes, client: clientOf(nodes.brokers) }
}

/**
 * A process of main.ts, which may end with an error. `temporary` is its folder for locks, which a kill leaves behind.
 */
export function runMain(args: string[], temporary = tmpdir()) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./main.ts')), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  })
  const exited = once(child, 'exit').then(([code, signal]: (string | number | null)[]) => ({ code, signal }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => output.push(line))
  return { child, exited, output }
}

/** A broker in a process of its own, that can be killed. */
export async function startBrokerProcess(folder: string) {
  const main = runMain(['--port', '0', '--data', folder], folder)
  const address = await until(() => main.output.join('\n').match(/listens on (\S+),/)?.[1])
  const kill = async () => {
    main.child.kill('SIGKILL')
    await main.exited
  }
  return { ...main, kill, brokers: [address], client: clientOf([address]) }
}

/** What `probe` gives as soon as that is something. Fails after 120 s. */
export function until<T>(probe: () => T | undefined | false | 0) {
  return vi.waitFor(
    () => {
      const found = probe()
      if (!found) throw new Error(`still waiting for ${String(probe)}`)
      return found
    },
    { timeout: 120_000, interval: 10 },
  )
}

const clientOf = (brokers: string[]) =>
  new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    retry: { initialRetryTime: 20, retries: 5 },
  })

/** Opened as the last of what a test opens, it is closed first. */
export async function connectProducer(client: Kafka, options: { transactionalId?: string; retries?: number } = {}) {
  const { transactionalId, retries = 5 } = options
  const producer = client.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 20, retries },
    ...(transactionalId && { transactionalId, maxInFlightRequests: 1, idempotent: true }),
  })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

export async function produce(client: Kafka, topic: string, ...messages: (string | Message)[]) {
  const producer = await connectProducer(client)
  return producer.send({ topic, messages: messages.map((each) => (typeof each === 'string' ? { value: each } : each)) })
}

type Subscription = Partial<ConsumerConfig> & { topic: string; groupId: string }

/** A running member of a group that notes what it gets. */
export async function subscribe(client: Kafka, { topic, ...config }: Subscription) {
  const consumer = client.consumer({ heartbeatInterval: 50, maxWaitTimeInMs: 50, sessionTimeout: 60_000, ...config })
  const received: EachMessagePayload[] = []
  const assignments: number[][] = []
  consumer.on('consumer.group_join', ({ payload }) => assignments.push(payload.memberAssignment[topic] ?? []))
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async (payload) => void received.push(payload) })
  return { consumer, received, assignments }
}

export async function openSocket([address]: string[]) {
  const socket = connect(Number(address?.split(':')[1]), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

type Asked = { key: number; version: number; flexible: boolean; write: (writer: Writer) => void }

/** For requests that KafkaJS does not make: sends one at a time and resolves with the response behind its header. */
export async function openConnection(brokers: string[], clientId?: string) {
  const socket = await openSocket(brokers)
  const closed = once(socket, 'close').then(() => {
    throw new Error('connection closed')
  })
  closed.catch(() => {})
  return async ({ key, version, flexible, write }: Asked) => {
    const writer = new Writer(version, flexible)
    writer.int16(key)
    writer.int16(version)
    writer.int32(7) // correlation id
    writer.int16(clientId === undefined ? -1 : clientId.length)
    writer.raw(Buffer.from(clientId ?? ''))
    writer.noTags()
    write(writer)
    socket.write(Buffer.concat(writer.frame()))
    let response = Buffer.alloc(0)
    while (response.length < 4 || response.length < 4 + response.readInt32BE()) {
      const [chunk = Buffer.alloc(0)]: Buffer[] = await Promise.race([once(socket, 'data'), closed])
      response = Buffer.concat([response, chunk])
    }
    const reader = new Reader(response, version, flexible)
    reader.take(8) // length and correlation id
    if (key !== ApiVersions.key) reader.skipTags() // its header stays as it was before there were tags
    return reader
  }
}

type Layout<Q, R> = {
  key: number
  flexible: number
  request: Pick<Type<unknown, Q>, 'write'>
  response: Pick<Type<R>, 'read'>
}

/** For requests that KafkaJS does not make, by their layouts in protocol/. */
export async function openClient(brokers: string[]) {
  const ask = await openConnection(brokers)
  return async <Q, R>({ key, flexible, request, response }: Layout<Q, R>, version: number, asked: NoInfer<Q>) =>
    response.read(
      await ask({ key, version, flexible: version >= flexible, write: (writer) => request.write(writer, asked) }),
    )
}

let groups = 0

/** The first `count` values of a topic, as a new group reads them. */
export async function read(client: Kafka, topic: string, count: number) {
  const { consumer, received } = await subscribe(client, { topic, groupId: `reader-${++groups}` })
  await until(() => received.length >= count)
  await consumer.disconnect()
  return received.map(({ message }) => String(message.value))
}

/** An intact batch of one record, as a producer without idempotence sends it; its bytes differ with `time` (ms). */
export function recordBatch(time = 0) {
  const batch = transactionMarker(-1, -1, true, time)
  batch.writeInt16BE(0, 21) // attributes: neither transactional nor a marker
  batch.writeInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}
