// A short-lived KafkaJS producer: it lives for one drain, and every send of it ends by a deadline, whatever the network does.
// Not idempotent: that costs two round trips, and says nothing about what another producer has sent.

import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Kafka, logLevel, Partitioners, type SASLOptions, type TopicMessages } from 'kafkajs'
import type { KafkaConfig } from './config.ts'

/** ms a send may take, the connection included. */
export const SEND_DEADLINE = 2_000
const CLOSE_DEADLINE = 500 // ms: by itself disconnect() waits up to 28 s for answers
const REQUEST_TIMEOUT = 1_500 // ms a broker may take for one request
const ALL = -1 // acks: every in-sync replica, https://kafka.apache.org/documentation/#producerconfigs_acks

export type Producer = ReturnType<typeof openProducer>

/** Opens nothing yet: the first send connects. `send` throws what KafkaJS throws, or after SEND_DEADLINE. After `close` no socket is left. */
export function openProducer(config: KafkaConfig) {
  const sockets = new Set<Socket>()
  let handshakeFailed = false
  let ended: Error | undefined // no socket is opened after that
  const end = (reason: Error) => {
    ended ??= reason
    for (const socket of sockets) socket.destroy(reason) // without an error, KafkaJS would go on waiting for answers
  }

  const producer = new Kafka({
    clientId: 'product-api',
    brokers: config.KAFKA_BOOTSTRAP_SERVERS,
    ...security(config),
    logLevel: logLevel.NOTHING, // what it would say is in the errors it throws
    connectionTimeout: 1_000,
    requestTimeout: REQUEST_TIMEOUT,
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    socketFactory({ host, port, ssl, onConnect }) {
      if (ended) throw ended
      const socket = ssl ? secure({ host, port }, onConnect, () => (handshakeFailed = true)) : connect({ host, port }, onConnect)
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
        throw handshakeFailed && error !== late ? new KafkaTLSError(error) : error
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

/** TCP, and TLS on top of it. workerd tells of a failed connection nothing but that: only so is it known which of the two has failed. */
function secure({ host, port }: { host: string; port: number }, onConnect: () => void, onHandshakeFailed: () => void) {
  let shaking = false
  const tcp = connect({ host, port }, () => (shaking = true))
  const servername = isIP(host) ? '' : host // an address has none: RFC 6066, section 3
  const socket = connectTls({ socket: tcp, servername }, () => {
    shaking = false
    onConnect()
  })
  tcp.once('error', (error) => socket.destroy(error))
  return socket.once('error', () => shaking && onHandshakeFailed()).once('close', () => tcp.destroy())
}

/** A password goes over TLS unless KAFKA_TLS says otherwise. */
function security({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: username,
  KAFKA_SASL_PASSWORD: password,
  KAFKA_TLS,
}: KafkaConfig) {
  if (!mechanism || username === undefined || password === undefined) return { ssl: KAFKA_TLS === 'true' }
  const sasl = { mechanism, username, password } as SASLOptions // one type for each mechanism, all alike
  return { ssl: KAFKA_TLS !== 'false', sasl }
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

class KafkaTLSError extends Error {
  override name = 'KafkaTLSError'
  type = this.name // comes before the causes
  constructor(cause: unknown) {
    super('The broker speaks no TLS, or nobody that is trusted vouches for its certificate', { cause })
  }
}

/** What went wrong, in a word without an address: Kafka's name for what a broker answered, e.g. MESSAGE_TOO_LARGE, or that of the error
 *  at the bottom of all that KafkaJS has wrapped it in, e.g. KafkaJSConnectionError. */
export function kafkaErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  if ('type' in error && typeof error.type === 'string') return error.type
  return error.cause === undefined ? error.name : kafkaErrorName(error.cause)
}
