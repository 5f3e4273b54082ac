// Dead letters of the consumers: sent again to the one group that failed; and a record that makes one, for a lesson.

import { randomUUID } from 'node:crypto'
import { type Kafka, Partitioners } from 'kafkajs'
import type { PublisherConfig } from '../../lib/config.ts'
import { createTables, openDatabase } from '../consumers/database.ts'
import { deadLetterTopic, topicsOf } from '../consumers/kafka.ts'
import { listDeadLetters, redrive } from '../consumers/redrive.ts'
import { Refused } from './refused.ts'

export function openLetters(kafka: Kafka, config: PublisherConfig) {
  return {
    /** Sends all dead letters of a group again that were not yet. */
    async again(group: string) {
      const pool = openDatabase(config.DATABASE_URL)
      try {
        await createTables(pool)
        const topics = await existing(kafka, topicsOf(config).map(deadLetterTopic))
        const letters = (await listDeadLetters(kafka, pool, topics)).filter(({ groupId }) => groupId === group)
        if (!letters.length) throw new Refused(`${group} has no dead letter that was not sent again already.`)
        await redrive(kafka, pool, letters)
        return { letters: letters.length }
      } finally {
        await pool.end()
      }
    },

    /** Sends a record as no handler of ours would: it says that it is JSON, and is not. It goes past the outbox. */
    async poison() {
      const topic = config.PRODUCTS_TOPIC
      if (!(await existing(kafka, [topic])).length) throw new Refused(`${topic} is not there yet: add a product first.`)
      const producer = kafka.producer({
        createPartitioner: Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
      })
      await producer.connect()
      try {
        const id = randomUUID()
        const headers = {
          ce_id: id,
          ce_source: '/console',
          ce_type: 'product.created',
          'content-type': 'application/json',
        }
        const [sent] = await producer.send({
          topic,
          messages: [{ key: 'poison', value: '{"type": "product.created", oops', headers }],
        })
        return { topic, partition: sent?.partition, offset: Number(sent?.baseOffset), id }
      } finally {
        await producer.disconnect()
      }
    },
  }
}
export type Letters = ReturnType<typeof openLetters>

async function existing(kafka: Kafka, topics: string[]) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const known = await admin.listTopics()
    return topics.filter((topic) => known.includes(topic))
  } finally {
    await admin.disconnect()
  }
}
