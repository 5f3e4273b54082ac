import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { startKafkaThread } from './thread.ts'

const SESSION = 6_000 // ms: the shortest that a broker takes

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
