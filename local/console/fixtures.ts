// A console for the tests of one file, with a database, topics and a Worker of its own.

import { Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect } from 'vitest'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { startSupervisor } from '../consumers/supervisor.ts'
import { freePort } from '../machine/ports.ts'
import { stage } from '../rig/stage.ts'
import { worker } from '../rig/worker.ts'
import { startConsole } from './console.ts'
import { openKafka } from './kafka/client.ts'
import type { State } from './state.ts'

const PARTITIONS = 3 // of the topics of a stage

export function openTestConsole() {
  const { env, topic, sql } = stage()
  const api = worker('', env)
  const config = parseConfig(PublisherConfig, env)
  let page: Awaited<ReturnType<typeof startConsole>> | undefined
  const supervisor = startSupervisor({ env, apps: [] })

  beforeAll(async () => {
    const port = await freePort('', 0, () => {})
    page = await startConsole({ port, config, database: 'database of a test', api: { url: api.url() }, supervisor })
  })
  afterAll(async () => {
    await page?.close()
    await supervisor.close()
  })

  const readState = async () => (await (await fetch(`${page?.url}/api/state`)).json()) as State

  return {
    topic,
    readState,
    /** Resolves when a record is in what the pages are sent. */
    isInState: (place: string) =>
      expect
        .poll(async () =>
          (await readState()).topics.flatMap(({ name, partitions }) =>
            partitions.flatMap(({ partition, records }) => records.map(({ offset }) => `${name}:${partition}:${offset}`)),
          ),
        )
        .toContain(place),
    partitions: PARTITIONS,
    env,
    sql,
    url: () => page?.url ?? '',
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
