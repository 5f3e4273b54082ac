// What an error says of the events it is about. By Kafka's names, as KafkaJS spells them:
// https://kafka.apache.org/protocol#protocol_error_codes

/**
 * What no repetition mends where it is about a single event. KafkaJS calls far more errors final, a missing permission
 * among them.
 */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** What one record can bring upon a batch, though it may lie in the topic or in a clock: a person can mend that. */
const INVALID = new Set(['INVALID_RECORD', 'INVALID_TIMESTAMP'])

/** Nothing was written, as somebody else leads the partition by now, or will in a moment. */
const MOVED = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION', // so does a broker call a topic that has just been made
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
])

export type Refusal = 'too large' | 'invalid' | 'moved' | 'not now'

export const refusalOf = (error: string): Refusal =>
  TOO_LARGE.has(error) ? 'too large' : INVALID.has(error) ? 'invalid' : MOVED.has(error) ? 'moved' : 'not now'
