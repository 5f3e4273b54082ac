// A console for the tests of one file, with a database and topics of its own, and the handlers that a page needs, run by Node.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect } from 'vitest'
import changeProduct from '../../functions/change-product.ts'
import createProduct from '../../functions/create-product.ts'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { startSupervisor } from '../consumers/supervisor.ts'
import { freePort } from '../machine/ports.ts'
import { stage } from '../rig/stage.ts'
import { startConsole } from './console.ts'
import { openKafka } from './kafka/client.ts'
import type { State } from './state.ts'

const PARTITIONS = 3 // of the topics of a stage

export function openTestConsole() {
  const { env, topic, sql } = stage()
  const config = parseConfig(PublisherConfig, env)
  const supervisor = startSupervisor({ env, apps: [] })
  let page: Awaited<ReturnType<typeof startConsole>> | undefined
  let api: Awaited<ReturnType<typeof serveHandlers>> | undefined

  beforeAll(async () => {
    api = await serveHandlers(env)
    const port = await freePort('', 0, () => {})
    page = await startConsole({ port, config, database: 'database of a test', api: { url: api.url }, supervisor })
  })
  afterAll(async () => {
    await page?.close()
    await supervisor.close()
    await api?.close()
  })
  const readState = async () => (await (await fetch(`${page?.url}/api/state`)).json()) as State

  return {
    topic,
    partitions: PARTITIONS,
    sql,
    url: () => page?.url ?? '',
    readState,
    /** Resolves when a record is in what the pages are sent. */
    isInState: (place: string) =>
      expect
        .poll(async () =>
          (await readState()).topics.flatMap(({ name, partitions }) =>
            partitions.flatMap(({ partition, records }) =>
              records.map(({ offset }) => `${name}:${partition}:${offset}`),
            ),
          ),
        )
        .toContain(place),
    /** Writes a record, and says where it is. */
    async write(message: { key: string | null; value: string | null; headers?: Record<string, string> }) {
      const producer = openKafka(config).producer({ createPartitioner: Partitioners.DefaultPartitioner })
      await producer.connect()
      try {
        const [sent] = await producer.send({ topic, messages: [message] })
        return `${topic}:${sent?.partition}:${sent?.baseOffset}`
      } finally {
        await producer.disconnect()
      }
    },
  }
}

/** POST and PATCH of products, with what is left to do after an answer awaited at the end. */
async function serveHandlers(env: Record<string, string>) {
  const left = new Set<Promise<unknown>>()
  const context = { waitUntil: (work: Promise<unknown>) => void left.add(work), passThroughOnException() {}, props: {} }
  const server = createServer((asked, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of asked) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
      const request = new Request(`http://127.0.0.1${asked.url}`, {
        method: asked.method ?? 'GET',
        headers: { 'content-type': asked.headers['content-type'] ?? '' },
        body: Buffer.concat(chunks),
      })
      const handler = asked.method === 'PATCH' ? changeProduct : createProduct
      const answer = await handler.fetch(request, env, context)
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.allSettled(left)
    },
  }
}
