// Kafka Streams, exactly once: its app is killed in the middle of its work, again and again, and after it the broker that
// can be. What it has written is complete then, and nothing of it is there twice.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { Broker } from './brokers.ts'

const APP = 'exactly-once'
const [IN, OUT] = [`${APP}-in`, `${APP}-out`]
const PARTITIONS = 3
const RECORDS = 2_000 // of a round
const KEYS = 20
const BEFORE_KILL = 300 // records that it writes before each kill
const DEADLINE = 120_000 // ms
const LAST = 'last'

export async function exactlyOnce(broker: Broker, [command = '', ...args]: string[], folder: string, rounds: number) {
  const retry = { retries: 100, maxRetryTime: 500 }
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING, retry })
  const admin = kafka.admin()
  await admin.connect()
  const topics = [IN, OUT].map((topic) => ({ topic, numPartitions: PARTITIONS }))
  await admin.createTopics({ topics, waitForLeaders: true })
  const startApp = () => {
    const app = spawn(command, [...args, broker.address, APP, join(folder, broker.name)], { stdio: 'ignore' })
    const killNow = () => app.kill('SIGKILL')
    process.once('exit', killNow)
    return async (signal: NodeJS.Signals) => {
      const exited = once(app, 'exit')
      app.kill(signal)
      await exited
      process.off('exit', killNow)
    }
  }

  for (let round = 0; round < rounds; round++) {
    await produce(kafka, round * RECORDS)
    const end = startApp()
    await written(admin, BEFORE_KILL)
    if (broker.killed) {
      await broker.killed()
      await written(admin, BEFORE_KILL)
    }
    await end('SIGKILL')
  }
  const end = startApp()
  await until(async () => (await committed(admin)) === rounds * RECORDS)
  await end('SIGTERM')
  await admin.disconnect()
  const seen = await readAll(kafka)
  const distinct = new Set(seen).size
  return `== exactly once, over kills\n${distinct} of ${rounds * RECORDS} records, ${seen.length - distinct} twice\n`
}

async function produce(kafka: Kafka, from: number) {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: RECORDS }, (_, n) => ({ key: `${(from + n) % KEYS}`, value: `${from + n}` }))
  await producer.send({ topic: IN, messages })
  await producer.disconnect()
}

const total = (numbers: Iterable<string>) => [...numbers].reduce((sum, each) => sum + Math.max(0, Number(each)), 0)
const size = async (admin: Admin) => total((await admin.fetchTopicOffsets(OUT)).map(({ high }) => high))

async function written(admin: Admin, more: number) {
  const before = await size(admin)
  await until(async () => (await size(admin)) >= before + more)
}

async function committed(admin: Admin) {
  const topics = await admin.fetchOffsets({ groupId: APP, topics: [IN] })
  return total(topics.flatMap(({ partitions }) => partitions.map(({ offset }) => offset)))
}

async function until(done: () => Promise<boolean>) {
  const deadline = Date.now() + DEADLINE
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`Kafka Streams has not come far enough in ${DEADLINE} ms`)
    await setTimeout(50)
  }
}

/** All that is committed, up to one record more in each partition. */
async function readAll(kafka: Kafka) {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, key: LAST, value: LAST }))
  await producer.send({ topic: OUT, messages })
  await producer.disconnect()

  const consumer = kafka.consumer({ groupId: `${APP}-reader`, maxWaitTimeInMs: 100 })
  const seen: string[] = []
  let ends = 0
  await consumer.connect()
  await consumer.subscribe({ topic: OUT, fromBeginning: true })
  await consumer.run({
    async eachMessage({ message }) {
      if (String(message.key) === LAST) ends++
      else seen.push(`${String(message.key)}: ${String(message.value)}`)
    },
  })
  await until(async () => ends === PARTITIONS)
  await consumer.disconnect()
  return seen
}
