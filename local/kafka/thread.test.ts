import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { lastingPort } from '../machine/ports.ts'
import { openConnection, temporaryFolder } from './fixtures.ts'
import { Writer } from './protocol/writer.ts'
import { startKafkaThread } from './thread.ts'

const SESSION = 10_000 // ms

test('a paused broker answers nothing, and afterwards no member has lost its place', async () => {
  const broker = await startKafkaThread({ ports: [0] })
  onTestFinished(() => broker.close())
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING, requestTimeout: 60_000 })
  const admin = kafka.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  await admin.createTopics({ topics: [{ topic: 'orders' }], waitForLeaders: false })
  const consumer = kafka.consumer({
    groupId: 'workers',
    sessionTimeout: SESSION,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 100,
  })
  onTestFinished(() => consumer.disconnect())
  const members: string[] = []
  let heartbeats = 0
  consumer.on('consumer.group_join', ({ payload }) => members.push(payload.memberId))
  consumer.on('consumer.heartbeat', () => heartbeats++)
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders' })
  await consumer.run({ eachMessage: async () => {} })
  await expect.poll(() => heartbeats).toBeGreaterThan(0)

  broker.pause(true)
  const paused = performance.now()
  let answered = 0
  const asked = admin.listTopics().then(() => (answered = performance.now()))
  await expect.poll(() => performance.now() - paused, { timeout: SESSION * 2 }).toBeGreaterThan(SESSION * 1.2)
  expect(answered).toBe(0)
  const before = heartbeats
  broker.pause(false)
  await asked
  await expect.poll(() => heartbeats).toBeGreaterThan(before + 1)
  expect(members).toHaveLength(1)
})

test('a broker that is paused can be closed', async () => {
  const broker = await startKafkaThread({ ports: [0] })
  broker.pause(true)
  await broker.close()
})

test('a broker in a thread of its own holds up nobody, says why it cannot start, and ends when it is told to', async () => {
  const folder = await temporaryFolder()
  const port = await lastingPort()
  const kafka = await startKafkaThread({ ports: [port], folder, log: () => {} })
  onTestFinished(() => kafka.close())
  const ask = await openConnection(kafka.brokers)
  await ask(metadata('warm'))
  const busy = metadata(...Array.from({ length: 100_000 }, (_, n) => `topic-${n}`))
  const [whole, here] = [process.cpuUsage(), process.threadCpuUsage()]
  await ask(busy)
  expect(sum(process.threadCpuUsage(here))).toBeLessThan(sum(process.cpuUsage(whole)) / 2)

  await expect(startKafkaThread({ ports: [port] })).rejects.toThrow('EADDRINUSE')
  await kafka.close()
  await (await startKafkaThread({ ports: [port], folder })).close()
  expect(JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8'))).toHaveProperty('id')
})

const sum = ({ user, system }: NodeJS.CpuUsage) => user + system

/** Metadata of topics. Its bytes are there before it is sent, so that writing it takes this thread no time later. */
function metadata(...names: string[]) {
  const written = new Writer()
  written.int32(names.length)
  for (const name of names) {
    written.int16(name.length)
    written.raw(Buffer.from(name))
  }
  written.int8(0) // none is made
  const bytes = written.bytes()
  return { key: 3, version: 4, flexible: false, write: (writer: Writer) => writer.raw(bytes) }
}
