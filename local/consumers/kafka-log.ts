// What KafkaJS logs, without what is no trouble: it calls each rebalance an error, and says the same thing at every
// attempt.

import type { logCreator } from 'kafkajs'

const QUIET = 10_000 // ms for which a sentence is not said again

/** What reports.ts says already, or what is the everyday life of a group. */
const NOISE = [
  /^Response CreateTopics\(/, // another member was faster; anything else ends this one with its reason
  /^The group is rebalancing/,
  /^Response (Heartbeat|JoinGroup|SyncGroup|OffsetCommit|LeaveGroup)\(/,
  /^The coordinator is not aware of this member/,
  /^Crash: /,
  /^Restarting the consumer/,
  /^Error when calling eachBatch/,
]

const isNoise = (message: string) => NOISE.some((pattern) => pattern.test(message))

/** Gives KafkaJS a log that passes on only what somebody should know. */
export function kafkaLog(say: (sentence: string) => void): logCreator {
  const said = new Map<string, number>()
  return () =>
    ({ log: { message, error, broker } }) => {
      const sentence = [message, error, broker && `(${broker})`].filter(Boolean).join(' ')
      if (isNoise(message) || Date.now() < (said.get(sentence) ?? 0) + QUIET) return
      if (said.size > 100) said.clear()
      said.set(sentence, Date.now())
      say(sentence)
    }
}
