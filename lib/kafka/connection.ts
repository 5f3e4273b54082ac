// One connection to one broker: a KafkaJS producer that may open one socket, once, to nobody else.
// So what becomes of a partition depends on its own leader alone. A KafkaJS producer that sends to several brokers
// takes a batch for sent when one of them has not got it: https://github.com/tulios/kafkajs/issues/1303

import type { Socket } from 'node:net'
import { Kafka, logLevel, type Message, type SASLOptions } from 'kafkajs'
import type { KafkaConfig } from '../config.ts'
import { within } from './deadline.ts'
import { log } from '../log.ts'
import { kafkaErrorName, KafkaMoved, KafkaTimeout, KafkaTLSError } from './errors.ts'
import { type ClusterView, leaderOf, takeMetadata } from './metadata.ts'
import { openSocket, tapMetadata } from './socket.ts'

/**
 * ms until a broker has taken us: TCP, TLS, ApiVersions and SASL. By PLAIN these are 5 round trips: 1.55 s where one
 * takes 300 ms (measured).
 */
const CONNECT_DEADLINE = 4_000
/** ms a send may take over a connection that is there. */
export const SEND_DEADLINE = 2_000
const REQUEST_TIMEOUT = 1_500 // ms a broker may take for one request
const ALL = -1 // acks: every in-sync replica, https://kafka.apache.org/documentation/#producerconfigs_acks

export type Connection = ReturnType<typeof openConnection>

/** Where messages go, and how many partitions the topic was thought to have when that was chosen. */
export type Destination = { topic: string; partition: number; partitions: number }

/** Begins to connect. `connected` tells how that ends, and `closed` resolves when there is no socket any more. */
export function openConnection(config: KafkaConfig, address: string, view: ClusterView) {
  let socket: Socket | undefined
  let ended: Error | undefined
  let handshakeFailed = false
  let answers = 0 // Metadata, so far
  const asked = new Set<string>() // topics
  const expected = new Map<string, number>() // partitions of a topic
  const closed = Promise.withResolvers<void>()

  const end = (reason: Error) => {
    ended ??= reason
    if (socket) socket.destroy(reason) // without an error, KafkaJS would go on waiting for answers
    else closed.resolve()
  }
  const producer = new Kafka({
    clientId: 'product-api',
    brokers: [address],
    ...security(config),
    logLevel: logLevel.NOTHING, // what it would say is in the errors it throws
    connectionTimeout: CONNECT_DEADLINE,
    authenticationTimeout: CONNECT_DEADLINE,
    requestTimeout: REQUEST_TIMEOUT,
    retry: { retries: 0 },
    socketFactory({ host, port, ssl, onConnect }) {
      if (ended) throw ended
      if (socket || `${host}:${port}` !== address) throw new KafkaMoved(`This is the connection to ${address}`)
      socket = openSocket({ host, port }, Boolean(ssl), {
        onConnect,
        onHandshakeFailed: () => (handshakeFailed = true),
      })
      socket.once('close', () => {
        ended ??= new Error('The broker has closed the connection')
        closed.resolve()
      })
      return tapMetadata(socket, (answer) => {
        takeMetadata(answer, view)
        answers++
      })
    },
  }).producer({
    // Each message names its partition. One that names none is a question: it makes KafkaJS ask for Metadata, and is
    // never sent.
    createPartitioner:
      () =>
      ({ topic, partitionMetadata, message: { partition } }) => {
        if (partition === undefined) throw new Question(asked.has(topic))
        const moved = leaderOf(view, topic, partition) !== address || partitionMetadata.length !== expected.get(topic)
        if (moved) throw new KafkaMoved(`${address} does not lead partition ${partition} of ${topic}`)
        return partition
      },
  })

  const connecting = new KafkaTimeout(`The broker did not let us in within ${CONNECT_DEADLINE} ms`)
  let settled = false
  const connected = within(CONNECT_DEADLINE, producer.connect(), connecting)
    .catch((error: unknown) => {
      const cause = handshakeFailed ? new KafkaTLSError(error) : error
      end(cause instanceof Error ? cause : new Error(String(cause)))
      throw cause
    })
    .finally(() => (settled = true))
  connected.catch(() => {}) // nobody may be waiting

  return {
    connected,
    closed: closed.promise,
    isConnecting: () => !settled,
    isOpen: () => settled && !ended,

    /** Brings what the view says of the topics up to date. Throws what KafkaJS throws. */
    async describe(topics: string[]) {
      const before = answers
      await producer
        .sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages: [{ value: null }] })) })
        .catch((error: unknown) => {
          if (answers === before) throw error
        })
      for (const topic of topics) asked.add(topic)
    },

    /**
     * Sends all or throws; it is then unknown what of it has arrived, unless it is Kafka's own refusal or a KafkaMoved.
     * A broker that has not answered in time ends the connection: it answers in order, so all that follows would wait
     * as well, and where the other end is gone nothing else would tell.
     */
    async send({ topic, partition, partitions }: Destination, messages: Message[]) {
      expected.set(topic, partitions)
      const late = new KafkaTimeout(`The broker did not answer within ${SEND_DEADLINE} ms`)
      const sent = producer.send({
        topic,
        messages: messages.map((message) => ({ ...message, partition })),
        acks: ALL,
        timeout: REQUEST_TIMEOUT,
      })
      await within(SEND_DEADLINE, sent, late).catch((error: unknown) => {
        if (error === late || kafkaErrorName(error) === 'KafkaJSRequestTimeoutError') end(late)
        throw error
      })
    },

    end,
  }
}

/** KafkaJS asks for Metadata when it first hears of a topic, and after an error of this type. */
class Question extends Error {
  type: string | undefined
  constructor(again: boolean) {
    super('What partitions are there?')
    this.type = again ? 'LEADER_NOT_AVAILABLE' : undefined
  }
}

let saidPlain = false // by this isolate

/** A password goes over TLS unless KAFKA_TLS says otherwise. */
export function security({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: username,
  KAFKA_SASL_PASSWORD: password,
  KAFKA_TLS,
}: KafkaConfig) {
  if (!mechanism || username === undefined || password === undefined) return { ssl: KAFKA_TLS === 'true' }
  const sasl = { mechanism, username, password } as SASLOptions // one type for each mechanism, all alike
  const ssl = KAFKA_TLS !== 'false'
  if (!ssl && !saidPlain)
    log('warn', 'SASL goes without TLS: who listens on the way can read the records, and by PLAIN the password')
  saidPlain ||= !ssl
  return { ssl, sasl }
}
