// A short-lived KafkaJS producer: it lives for one drain, and every send of it ends by a deadline, whatever the network does.
// Not idempotent: that costs two round trips, and says nothing about what another producer has sent.

import { connect, type Socket } from 'node:net'
import { Kafka, logLevel, Partitioners, type TopicMessages } from 'kafkajs'

/** ms a send may take, the connection included. */
export const SEND_DEADLINE = 2_000
const CLOSE_DEADLINE = 500 // ms: by itself disconnect() waits up to 28 s for answers
const REQUEST_TIMEOUT = 1_500 // ms a broker may take for one request
const ALL = -1 // acks: every in-sync replica, https://kafka.apache.org/documentation/#producerconfigs_acks

export type Producer = ReturnType<typeof openProducer>

/** Opens nothing yet: the first send connects. `send` throws what KafkaJS throws, or after SEND_DEADLINE. After `close` no socket is left. */
export function openProducer(bootstrapServers: string[]) {
  const sockets = new Set<Socket>()
  let ended: Error | undefined // no socket is opened after that
  const end = (reason: Error) => {
    ended ??= reason
    for (const socket of sockets) socket.destroy(reason) // without an error, KafkaJS would go on waiting for answers
  }

  const producer = new Kafka({
    clientId: 'product-api',
    brokers: bootstrapServers,
    logLevel: logLevel.NOTHING, // what it would say is in the errors it throws
    connectionTimeout: 1_000,
    requestTimeout: REQUEST_TIMEOUT,
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    socketFactory({ host, port, onConnect }) {
      if (ended) throw ended
      const socket = connect({ host, port }, onConnect)
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
  }).producer({ createPartitioner: Partitioners.DefaultPartitioner }) // murmur2, as Java's: a key has the same partition for every client
  let connected: Promise<void> | undefined

  return {
    /** Sends all messages or throws; some may then have arrived. */
    async send(topicMessages: TopicMessages[]) {
      const late = new KafkaTimeout(`Kafka did not answer within ${SEND_DEADLINE} ms`)
      const sent = (connected ??= producer.connect()).then(() => producer.sendBatch({ topicMessages, acks: ALL, timeout: REQUEST_TIMEOUT }))
      await within(SEND_DEADLINE, sent, late).catch((error: unknown) => {
        if (error === late) end(late)
        throw error
      })
    },

    async close() {
      const closed = new Error('The producer is closed')
      ended ??= closed
      if (connected) await within(CLOSE_DEADLINE, producer.disconnect(), closed).catch(() => {})
      end(closed)
    },
  }
}

/** What the promise gives, or a rejection with `late` after `ms`; the promise may then end as it likes. */
async function within<T>(ms: number, promise: Promise<T>, late: Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, ms, late)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

export class KafkaTimeout extends Error {
  override name = 'KafkaTimeout'
}

/** What went wrong, in a word without an address: Kafka's name for what a broker answered, e.g. MESSAGE_TOO_LARGE, or that of the error
 *  at the bottom of all that KafkaJS has wrapped it in, e.g. KafkaJSConnectionError. */
export function kafkaErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  if ('type' in error && typeof error.type === 'string') return error.type
  return error.cause === undefined ? error.name : kafkaErrorName(error.cause)
}
