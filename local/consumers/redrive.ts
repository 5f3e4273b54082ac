// Dead letters are read, and sent again to the one group that failed.

import { hostname, userInfo } from 'node:os'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kafka, Partitioners } from 'kafkajs'
import type pg from 'pg'
import { again, buriedAt, type DeadLetter, readDeadLetter } from './dead-letters.ts'
import type { ConsumedRecord } from './event.ts'

const STALLED = 30_000 // ms without another record after which nobody waits any more
const LOOK = 50 // ms

/** All dead letters up to now that have not been sent again, the oldest of each partition first. */
export async function listDeadLetters(kafka: Kafka, pool: pg.Pool, topics: string[]): Promise<DeadLetter[]> {
  const letters = (await readToEnd(kafka, topics)).map(readDeadLetter).filter((letter) => letter !== undefined)
  const { rows } = await pool.query<{ place: string; redriven_at: Date }>(
    `select concat_ws(':', topic, "partition", "offset") as place, redriven_at
     from consumers.redriven where topic = any ($1)`,
    [topics],
  )
  const redriven = new Map(rows.map(({ place, redriven_at }) => [place, redriven_at]))
  // One that is younger than that is another letter: its topic was deleted and made again.
  return letters.filter(({ topic, partition, offset, headers }) => {
    const at = redriven.get(`${topic}:${partition}:${offset}`)
    return at === undefined || buriedAt(headers) > at
  })
}

/**
 * Sends them again, in their order: same partition, key, value and id, without the reason. That it was done is
 * remembered after that: what is sent twice, since somebody died in between, is a duplicate to the group. One that
 * fails again is a new dead letter.
 */
export async function redrive(kafka: Kafka, pool: pg.Pool, letters: DeadLetter[]) {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  const by = `${userInfo().username}@${hostname()}`
  await producer.connect()
  try {
    for (const letter of letters) {
      const { topic, message } = again(letter)
      await producer.send({ topic, messages: [message], acks: -1 })
      await pool.query(
        `insert into consumers.redriven (topic, "partition", "offset", redriven_by) values ($1, $2, $3, $4)
         on conflict (topic, "partition", "offset")
         do update set redriven_at = now(), redriven_by = excluded.redriven_by`,
        [letter.topic, letter.partition, letter.offset, by],
      )
    }
  } finally {
    await producer.disconnect()
  }
}

/**
 * All records up to the present ends of the topics. KafkaJS reads only in a group, so it is one of its own, removed in
 * the end.
 */
async function readToEnd(kafka: Kafka, topics: string[]): Promise<ConsumedRecord[]> {
  const admin = kafka.admin()
  await admin.connect()
  const groupId = `redrive-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  const records: ConsumedRecord[] = []
  const open = new Map<string, number>() // the last offset of each partition that has not been read to its end
  let cameAt = Date.now()
  try {
    for (const topic of topics)
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) open.set(`${topic}:${partition}`, Number(high) - 1)
    if (!open.size) return []
    await consumer.connect()
    await consumer.subscribe({ topics, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message: { offset, key, value, headers = {} } }) => {
        const place = `${topic}:${partition}`
        const last = open.get(place)
        if (last === undefined) return // it came after we looked
        cameAt = Date.now()
        records.push({ topic, partition, offset, key, value, headers })
        if (Number(offset) >= last) open.delete(place)
      },
    })
    for (; open.size; await sleep(LOOK))
      if (Date.now() > cameAt + STALLED) throw new Error(`${topics.join(', ')} could not be read to their ends in time`)
    return records
  } finally {
    await consumer.disconnect()
    await admin.deleteGroups([groupId]).catch(() => {}) // there is none where nothing was read
    await admin.disconnect()
  }
}
