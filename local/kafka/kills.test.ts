// Everything that a broker was asked for at once, while it is killed again and again. KAFKA_KILLS says how often.

import { execFileSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { lastingPort } from '../machine/ports.ts'
import { KafkaError } from './errors.ts'
import { read, recordBatch, runMain, startBrokerProcess, temporaryFolder, until } from './fixtures.ts'
import { changeTopics, commitOffsets, offsetOf, produceAnew, produceIdempotent, transform } from './kill-workloads.ts'
import { produceKeyed, produceRetained, readKeyed, readRetained, topicsThatShrink } from './kill-compaction.ts'
import { openRaw } from './raw-requests.ts'

const KILLS = Number(process.env.KAFKA_KILLS ?? 3)
const ROUND = 180_000 // ms that one may take on a machine that has other things to do
const RUN = 300 // ms that a broker may work between two kills, at most

/** A broker on a port and a folder that stay the same over its kills. */
async function startKilled() {
  const folder = await temporaryFolder()
  const port = await lastingPort()
  const start = async () => {
    const main = runMain(
      ['--port', String(port), '--data', folder, '--partitions', '1', '--cleaner-backoff-ms', '20'],
      folder,
    )
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
  return { client, broker: `127.0.0.1:${port}`, start }
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

test(`nothing that a client was told is lost in ${KILLS} kills`, { timeout: ROUND * (KILLS + 2) }, async () => {
  const { client, broker, start } = await startKilled()
  const admin = client.admin()
  onTestFinished(() => admin.disconnect())
  let kill = await start()
  await admin.connect()
  const topics = ['input', 'output', 'idempotent', 'anew'].map((topic) => ({ topic }))
  await admin.createTopics({ topics: [...topics, ...topicsThatShrink] })

  const stop = { stopped: false }
  const keyed = produceKeyed(client)
  const retained = produceRetained(client)
  const work = Promise.all([
    produceIdempotent(client, stop),
    produceAnew(client, stop),
    commitOffsets(broker, stop),
    changeTopics(client, stop),
    transform(client, stop),
    keyed.run(stop),
    retained.run(stop),
  ])
  for (let n = 0; n < KILLS; n++) {
    const before = await offsetOf(client, 'transform', 'input')
    while ((await offsetOf(client, 'transform', 'input')) < before + 4) await setTimeout(10)
    await setTimeout(Math.random() * RUN)
    await kill()
    const acknowledged = [...keyed.acknowledged]
    kill = await start()
    expect(await readKeyed(broker, acknowledged)).toMatchObject({ lost: [], disordered: [] })
  }
  stop.stopped = true
  const [sent, acknowledged, commits, changed] = await work

  const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`)
  expect(await read(client, 'idempotent', sent)).toEqual(numbers(sent))

  expect(acknowledged).not.toEqual([])
  const anew = await read(client, 'anew', acknowledged.length)
  expect(acknowledged.filter((value) => !anew.includes(value))).toEqual([])
  expect(new Set(anew).size).toBe(anew.length)

  const transformed = await offsetOf(client, 'transform', 'input')
  expect(await read(client, 'output', transformed)).toEqual(numbers(transformed))

  const committed = await offsetOf(client, 'commits', 'input')
  expect(commits.acknowledged).toBeGreaterThan(0)
  expect(committed).toBeGreaterThanOrEqual(commits.acknowledged)
  expect(committed).toBeLessThanOrEqual(commits.asked)

  const names = new Set(await admin.listTopics())
  expect([...changed.there].filter((name) => !names.has(name))).toEqual([])
  expect([...changed.gone].filter((name) => names.has(name))).toEqual([])

  const compacted = await readKeyed(broker, [...keyed.acknowledged])
  expect(compacted).toMatchObject({ lost: [], disordered: [] })
  expect(compacted.left).toBeLessThan(keyed.count() / 2)
  const { first, left, ...wrong } = await readRetained(broker, retained.acknowledged)
  expect(first).toBeGreaterThan(0)
  expect(left).toBeGreaterThan(0)
  expect(wrong).toEqual({ lost: [], disordered: [] })
})
