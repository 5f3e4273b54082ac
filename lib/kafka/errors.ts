export class KafkaTimeout extends Error {
  override name = 'KafkaTimeout'
}

export class KafkaTLSError extends Error {
  override name = 'KafkaTLSError'
  type = this.name // comes before the causes
  constructor(cause: unknown) {
    super('The broker speaks no TLS, or nobody that is trusted vouches for its certificate', { cause })
  }
}

/** A partition is not where it was thought to be. Nothing was sent. */
export class KafkaMoved extends Error {
  override name = 'KafkaMoved'
  type = 'NOT_LEADER_FOR_PARTITION' // as a broker would have said
}

/** No broker can be reached from here, or none lets us in. */
export class KafkaUnreachable extends Error {
  override name = 'KafkaUnreachable'
  constructor(cause: unknown) {
    super(`${kafkaErrorName(cause)}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** What went wrong, in a word without an address: Kafka's name for what a broker answered, e.g. MESSAGE_TOO_LARGE, or that of the error
 *  at the bottom of all that KafkaJS has wrapped it in, e.g. KafkaJSConnectionError. */
export function kafkaErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  if ('type' in error && typeof error.type === 'string') return error.type
  return error.cause === undefined ? error.name : kafkaErrorName(error.cause)
}

/** Kafka's names for what Metadata can say of a topic: https://kafka.apache.org/protocol#protocol_error_codes */
const NAMES = new Map([
  [3, 'UNKNOWN_TOPIC_OR_PARTITION'],
  [5, 'LEADER_NOT_AVAILABLE'],
  [17, 'INVALID_TOPIC_EXCEPTION'],
  [29, 'TOPIC_AUTHORIZATION_FAILED'],
])
export const topicErrorName = (code: number) => NAMES.get(code) ?? `KAFKA_ERROR_${code}`
