import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { countEvents } from '../rig/read-topics.ts'
import { dev, newPlace, nothingLeft, post, processes, product, SLOW } from './fixtures.ts'

const has = (program: string) => {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.skipIf(!has('java') || !has('mvn'))(
  'npm run dev -- --apache-kafka publishes to a broker of Apache, keeps its records, and ends it',
  async () => {
    const place = await newPlace()
    const broker = `127.0.0.1:${9092 + place.offset}`
    for (const events of [1, 2]) {
      const { child, ready, output, exited } = dev(place, ['--apache-kafka'])
      const api = await ready()
      expect(output()).toContain(`Kafka       ${broker}\n`)
      expect((await processes(place)).filter((line) => line.includes('kafka.Kafka'))).toHaveLength(1)
      expect((await post(api, product, { prefer: 'wait=20' })).status).toBe(201)
      await expect.poll(() => countEvents([broker], 'products.created'), SLOW).toBe(events)
      child.kill('SIGINT')
      expect(await exited).toBe(0)
      await nothingLeft(place)
    }
  },
)
