import { execFileSync } from 'node:child_process'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { dev, newPlace, nothingLeft, post, processes, product, SLOW } from './fixtures.ts'

const has = (program: string) => {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** How many records the topic has. */
async function countRecords(broker: string) {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets('products.created')
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

test.skipIf(!has('java') || !has('mvn'))(
  'npm run dev -- --apache-kafka publishes to a broker of Apache, keeps its records, and ends it',
  async () => {
    const place = await newPlace()
    const broker = `127.0.0.1:${9092 + place.offset}`
    for (const records of [1, 2]) {
      const { child, ready, output, exited } = dev(place, ['--apache-kafka'])
      const api = await ready()
      expect(output()).toContain(`Kafka       ${broker}\n`)
      expect((await processes(place)).filter((line) => line.includes('kafka.Kafka'))).toHaveLength(1)
      expect((await post(api, product, { prefer: 'wait=20' })).status).toBe(201)
      await expect.poll(() => countRecords(broker), SLOW).toBe(records)
      child.kill('SIGINT')
      expect(await exited).toBe(0)
      await nothingLeft(place)
    }
  },
)
