// The console's way to Kafka: impatient, as somebody looks at it, and silent, as the page says what is wrong.

import { Kafka, logLevel } from 'kafkajs'
import type { KafkaConfig } from '../../../lib/config.ts'
import { security } from '../../../lib/kafka/connection.ts'

export const openKafka = (config: KafkaConfig) =>
  new Kafka({
    clientId: 'console',
    brokers: config.KAFKA_BOOTSTRAP_SERVERS,
    ...security(config),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 4_000,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 500 },
  })
