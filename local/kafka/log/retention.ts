// What is older, or larger, than a topic is to keep. Source: kafka.apache.org/documentation/#topicconfigs

import type { PartitionLog } from './partition-log.ts'
import { expired } from './segment-policy.ts'

/** Removes the first segments of a log by retention.ms and retention.bytes. */
export function retain(log: PartitionLog, now = Date.now()) {
  if (!log.config('cleanup.policy').includes('delete')) return
  const bounds = { age: Number(log.config('retention.ms')), size: Number(log.config('retention.bytes')) }
  const kept = log.segments[expired(log.segments, bounds, now)]
  log.truncate(Math.max(log.start, kept?.base ?? log.end))
}
