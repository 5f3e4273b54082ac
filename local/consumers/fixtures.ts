// What the tests here share. Each has topics, groups and a database of its own, which are removed when it ends.

import { randomUUID } from 'node:crypto'
import { Partitioners } from 'kafkajs'
import { expect, inject, onTestFinished } from 'vitest'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import type { App } from './app.ts'
import { startMember } from './consume.ts'
import { newPool } from '../machine/pg-client.ts'
import { createTables } from './database.ts'
import { deadLetterTopic, openKafka, topicsOf } from './kafka.ts'
import { probe } from './probe.ts'
import type { RecordReport, Report } from './reports.ts'

const PARTITIONS = 6

type Event = {
  product_id: number
  type?: 'created' | 'updated' | 'deleted'
  version?: number
  id?: string
  partition?: number
  headers?: Record<string, string>
} & Partial<Record<'pname' | 'price', string>> & { quantity?: number }

/** Not an attempt that the database was too late for, as it may be on a busy machine. */
export const wasInTime = ({ reason = '' }: Pick<RecordReport, 'reason'>) =>
  !/^(Query read timeout|timeout exceeded when|Connection terminated)/.test(reason)

/** A database and topics of 6 partitions; on brokers of its own where those are given. */
export async function newShop(brokers = inject('services').KAFKA_BOOTSTRAP_SERVERS) {
  const name = `shop.${randomUUID()}`
  const { DATABASE_URL: server } = inject('services')
  const DATABASE_URL = await createDatabase(server)
  const env = {
    DATABASE_URL,
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    PRODUCTS_TOPIC: `${name}.created`,
    PRODUCTS_CHANGED_TOPIC: `${name}.changed`,
  }
  const config = parseConfig(PublisherConfig, env)
  const topics = topicsOf(config)
  const kafka = openKafka(config, 'test')
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const pool = newPool(DATABASE_URL) // of the tests, which wait as long as it takes
  pool.on('error', () => {}) // as the members' own
  onTestFinished(async () => {
    await producer.disconnect()
    const made = (await admin.listTopics()).filter((topic) =>
      [...topics, ...topics.map(deadLetterTopic)].includes(topic),
    )
    await admin.deleteTopics({ topics: made })
    await admin.disconnect()
    await pool.end()
    await dropDatabase(DATABASE_URL)
  })
  await admin.connect()
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    waitForLeaders: false,
  })
  await expect.poll(() => admin.fetchTopicMetadata({ topics }).catch(() => undefined)).toBeDefined()
  await producer.connect()
  await createTables(pool, [probe('')])

  const group = (app: string) => `${name}.${app}`

  return {
    env,
    config,
    topics,
    kafka,
    admin,
    pool,
    group,

    /** One after the other. Gives the ids. */
    async publish(events: Event[]) {
      const ids: string[] = []
      for (const event of events) {
        const { id = randomUUID(), type = 'created', partition, headers, ...product } = event
        const topic = type === 'created' ? env.PRODUCTS_TOPIC : env.PRODUCTS_CHANGED_TOPIC
        const value = { type: `product.${type}`, ...filled(product), ...moments(type) }
        await producer.send({
          topic,
          messages: [
            {
              key: String(event.product_id),
              value: JSON.stringify(value),
              headers: { ce_id: id, ce_source: '/products', 'content-type': 'application/json', ...headers },
              ...(partition !== undefined && { partition }),
            },
          ],
        })
        ids.push(id)
      }
      return ids
    },

    send: (topic: string, message: Parameters<typeof producer.send>[0]['messages'][number]) =>
      producer.send({ topic, messages: [message] }),

    /** A member in this process. */
    async join(app: App, name = `${app.name}-1`, more: Partial<PublisherConfig> = {}) {
      const reports: Report[] = []
      const member = await startMember({
        app,
        name,
        groupId: group(app.name),
        config: { ...config, ...more },
        env: { ...env },
        report: (report) => reports.push(report),
      })
      onTestFinished(() => member.stop())
      const records = () => reports.filter((report): report is RecordReport => report.what === 'record')
      return {
        ...member,
        reports,
        records,
        outcomes: () => records().map(({ outcome }) => outcome),
        outcomesInTime: () =>
          records()
            .filter(wasInTime)
            .map(({ outcome }) => outcome),
        /** What it holds since the group has dealt anew; undefined before. */
        share: () => reports.findLast((report) => report.what === 'joined' || report.what === 'rebalancing'),
      }
    },

    async effects(app: string) {
      const { rows } = await pool.query<{ event_id: string }>('select event_id from consumers.effects where app = $1', [
        app,
      ])
      return rows.map(({ event_id }) => event_id)
    },

    /** The next offset of each partition, by topic and partition: those where one was committed. */
    async committed(groupId: string) {
      const found = await admin.fetchOffsets({ groupId, topics })
      const places = found.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [`${topic}:${partition}`, offset] as const),
      )
      return Object.fromEntries(places.filter(([, offset]) => offset !== '-1'))
    },
  }
}

const filled = ({ pname = 'Tea', price = '1.50', quantity = 3, ...product }: Omit<Event, 'type'>) => ({
  pname,
  price,
  quantity,
  created_at: '2026-11-23T09:30:00.123456+00:00',
  ...product,
})
const moments = (type: string) => (type === 'created' ? {} : { [`${type}_at`]: '2026-11-24T09:30:00.123456+00:00' })
