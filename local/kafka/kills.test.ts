// Everything that a broker was asked for at once, while it is killed again and again. KAFKA_KILLS says how often.

import { execFileSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { lastingPort } from '../machine/ports.ts'
import { KafkaError } from './errors.ts'
import { read, recordBatch, runMain, startBrokerProcess, temporaryFolder, until } from './fixtures.ts'
import { openRaw } from './raw-requests.ts'

const KILLS = Number(process.env.KAFKA_KILLS ?? 3)
const ROUND = 60_000 // ms that one may take on a machine that has other things to do
const RUN = 300 // ms that a broker may work between two kills, at most

/** A broker on a port and a folder that stay the same over its kills. */
async function startKilled() {
  const folder = await temporaryFolder()
  const port = await lastingPort()
  const start = async () => {
    const main = runMain(['--port', String(port), '--data', folder, '--partitions', '1'], folder)
    await until(() => /listens on/.test(main.output.join('\n')))
    return async () => {
      main.child.kill('SIGKILL')
      await main.exited
    }
  }
  const client = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    retry: { initialRetryTime: 20, maxRetryTime: 100, retries: 1_000 },
  })
  return { client, start }
}

test.skipIf(process.platform !== 'linux')(
  'a disk that is full is an error to the producer, and harmless when there is room again',
  async () => {
    const folder = await temporaryFolder()
    const { child, brokers, kill } = await startBrokerProcess(folder)
    const raw = await openRaw(brokers[0] ?? '')
    await raw.metadata('orders')
    const size = recordBatch().length
    expect(await raw.produce('orders', 0)).toMatchObject({ error: 0, baseOffset: 0 })
    limitFiles(child.pid, `${3 * size - 10}`)
    expect(await raw.produce('orders', 0)).toMatchObject({ error: 0, baseOffset: 1 })
    for (let n = 0; n < 3; n++)
      expect(await raw.produce('orders', 0)).toMatchObject({ error: new KafkaError('KAFKA_STORAGE_ERROR').code })
    expect((await raw.fetch('orders', 0)).records).toHaveLength(2 * size)
    limitFiles(child.pid, 'unlimited')
    expect(await raw.produce('orders', 0)).toMatchObject({ error: 0, baseOffset: 2 })
    await kill()

    const again = await startBrokerProcess(folder)
    expect(again.output.join('\n')).not.toContain('cut off')
    expect((await (await openRaw(again.brokers[0] ?? '')).fetch('orders', 0)).records).toHaveLength(3 * size)
  },
)

/** Bounds what files of a process may have, which it meets as it would a full disk. */
const limitFiles = (pid: number | undefined, bytes: string) =>
  execFileSync('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:unlimited`])

type Stop = { stopped: boolean }
const createPartitioner = Partitioners.DefaultPartitioner
const impatient = { initialRetryTime: 10, retries: 0 }

/** One idempotent producer through all kills, which sends again what was not acknowledged. */
async function produceIdempotent(client: Kafka, stop: Stop) {
  const producer = client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  let sent = 0
  for (; !stop.stopped; sent++) await producer.send({ topic: 'idempotent', messages: [{ value: `${sent}` }] })
  await producer.disconnect()
  return sent
}

/** Runs `work` again and again; one that a kill ends begins anew. */
async function persist(stop: Stop, work: () => Promise<void>) {
  while (!stop.stopped) {
    try {
      await work()
    } catch {
      await setTimeout(20)
    }
  }
}

/** Short-lived producers, each idempotent in a name of its own. */
async function produceAnew(client: Kafka, stop: Stop) {
  const acknowledged: string[] = []
  let next = 0
  await persist(stop, async () => {
    const producer = client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1, retry: impatient })
    try {
      await producer.connect()
      for (let n = 0; n < 5 && !stop.stopped; n++) {
        const value = `${next++}`
        await producer.send({ topic: 'anew', messages: [{ value }] })
        acknowledged.push(value)
      }
    } finally {
      await producer.disconnect()
    }
  })
  return acknowledged
}

const offsetOf = async (client: Kafka, groupId: string, topic: string) => {
  const admin = client.admin()
  await admin.connect()
  try {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return Math.max(0, Number(found?.partitions[0]?.offset ?? 0))
  } finally {
    await admin.disconnect()
  }
}

/** Consume, transform, produce: the numbers from 0 on, and with them how far they have come. */
async function transform(client: Kafka, stop: Stop) {
  await persist(stop, async () => {
    const producer = client.producer({
      createPartitioner,
      transactionalId: 'transform',
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 10, maxRetryTime: 50, retries: 3 },
    })
    try {
      await producer.connect()
      let next = await offsetOf(client, 'transform', 'input')
      for (let n = 0; !stop.stopped; n++) {
        const transaction = await producer.transaction()
        await transaction.send({ topic: 'output', messages: [{ value: `${next}` }, { value: `${next + 1}` }] })
        const topics = [{ topic: 'input', partitions: [{ partition: 0, offset: `${next + 2}` }] }]
        await transaction.sendOffsets({ consumerGroupId: 'transform', topics })
        if (n % 3 === 2) await transaction.abort()
        else {
          await transaction.commit()
          next += 2
        }
      }
    } finally {
      await producer.disconnect()
    }
  })
}

async function commitOffsets(client: Kafka, stop: Stop) {
  let acknowledged = 0
  let asked = 0
  await persist(stop, async () => {
    const admin = client.admin({ retry: impatient })
    try {
      await admin.connect()
      while (!stop.stopped) {
        asked++
        await admin.setOffsets({
          groupId: 'commits',
          topic: 'input',
          partitions: [{ partition: 0, offset: `${asked}` }],
        })
        acknowledged = asked
      }
    } finally {
      await admin.disconnect()
    }
  })
  return { acknowledged, asked }
}

async function changeTopics(client: Kafka, stop: Stop) {
  const there = new Set<string>()
  const gone = new Set<string>()
  let next = 0
  await persist(stop, async () => {
    const admin = client.admin({ retry: impatient })
    try {
      await admin.connect()
      while (!stop.stopped) {
        const topic = `topic-${next++}`
        await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
        there.add(topic)
        if (next % 2) continue
        there.delete(topic)
        await admin.deleteTopics({ topics: [topic] })
        gone.add(topic)
      }
    } finally {
      await admin.disconnect()
    }
  })
  return { there, gone }
}

test(`nothing that a client was told is lost in ${KILLS} kills`, { timeout: ROUND * (KILLS + 2) }, async () => {
  const { client, start } = await startKilled()
  const admin = client.admin()
  onTestFinished(() => admin.disconnect())
  let kill = await start()
  await admin.connect()
  await admin.createTopics({ topics: ['input', 'output', 'idempotent', 'anew'].map((topic) => ({ topic })) })

  const stop = { stopped: false }
  const work = Promise.all([
    produceIdempotent(client, stop),
    produceAnew(client, stop),
    commitOffsets(client, stop),
    changeTopics(client, stop),
    transform(client, stop),
  ])
  for (let n = 0; n < KILLS; n++) {
    const before = await offsetOf(client, 'transform', 'input')
    while ((await offsetOf(client, 'transform', 'input')) < before + 4) await setTimeout(10)
    await setTimeout(Math.random() * RUN)
    await kill()
    kill = await start()
  }
  stop.stopped = true
  const [sent, acknowledged, commits, topics] = await work

  const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`)
  expect(await read(client, 'idempotent', sent)).toEqual(numbers(sent))

  const anew = await read(client, 'anew', acknowledged.length)
  expect(acknowledged.filter((value) => !anew.includes(value))).toEqual([])
  expect(new Set(anew).size).toBe(anew.length)

  const transformed = await offsetOf(client, 'transform', 'input')
  expect(await read(client, 'output', transformed)).toEqual(numbers(transformed))

  const committed = await offsetOf(client, 'commits', 'input')
  expect(committed).toBeGreaterThanOrEqual(commits.acknowledged)
  expect(committed).toBeLessThanOrEqual(commits.asked)

  const names = new Set(await admin.listTopics())
  expect([...topics.there].filter((name) => !names.has(name))).toEqual([])
  expect([...topics.gone].filter((name) => names.has(name))).toEqual([])
})
