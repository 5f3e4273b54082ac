// What it takes to commit one offset while 10,000 others are stored.

import { type Consumer, Kafka, logLevel } from 'kafkajs'
import { administer } from '../../rig/topics.ts'

const GROUPS = 100
const PARTITIONS = 100
const COMMITS = 500
const WAIT = 100 // ms: for so long a consumer that leaves waits for records

/** Stores the 10,000; gives a function that commits one at a time: the milliseconds of each. */
export async function openCommits(address: string) {
  const topic = 'committed'
  await administer([address], (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }], waitForLeaders: true }),
  )
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
  const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: '0' }))
  for (let group = 1; group < GROUPS; group++) {
    const consumer = await join(client, `group-${group}`, topic)
    await consumer.commitOffsets(all)
    await consumer.disconnect()
  }
  const consumer = await join(client, 'group-0', topic)
  await consumer.commitOffsets(all)
  const time = async (offset: number) => {
    const began = performance.now()
    await consumer.commitOffsets([{ topic, partition: offset % PARTITIONS, offset: String(offset) }])
    return performance.now() - began
  }
  return {
    async commit() {
      const times: number[] = []
      for (let offset = 1; offset <= COMMITS; offset++) times.push(await time(offset))
      return times
    },
    [Symbol.asyncDispose]: () => consumer.disconnect(),
  }
}

async function join(client: Kafka, groupId: string, topic: string): Promise<Consumer> {
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: WAIT })
  await consumer.connect()
  await consumer.subscribe({ topic })
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
  await consumer.run({ autoCommit: false, eachMessage: async () => {} })
  await joined
  return consumer
}
