import { Kafka, logLevel } from 'kafkajs'
import { startKafka } from '../kafka/server.ts'
import { type Options, startDoors } from './kafka-proxy/doors.ts'

/**
 * An emulated cluster of several nodes, each with a door before it, and a topic that has as many partitions, one led by
 * each node.
 */
export async function startCluster(topic: string, nodes: number, options: Options = {}) {
  const kafka = await startKafka({ ports: Array.from({ length: nodes }, () => 0), log: () => {} })
  const admin = new Kafka({ clientId: 'test', brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: nodes }] })
  await admin.disconnect()
  const doors = await startDoors(kafka.brokers, options)
  return {
    brokers: kafka.brokers,
    doors,
    async [Symbol.asyncDispose]() {
      await doors[Symbol.asyncDispose]()
      await kafka.close()
    },
  }
}
