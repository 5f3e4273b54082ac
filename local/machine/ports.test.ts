import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './ports.ts'
import { portOf } from './port-of.ts'

async function occupy() {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return portOf(server)
}

test('a taken port gives the next free one and says so', async () => {
  const taken = await occupy()
  const said: string[] = []
  const port = await freePort('Kafka', taken, (message) => said.push(message))
  expect(port).toBeGreaterThan(taken)
  expect(said).toEqual([`Kafka: port ${taken} is taken, using ${port}`])
})

test('a free port is taken without a word', async () => {
  const wanted = await freePort('any', 0, () => {})
  const said: string[] = []
  expect(await freePort('Kafka', wanted, (message) => said.push(message))).toBe(wanted)
  expect(said).toEqual([])
})
