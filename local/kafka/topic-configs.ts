import { fail } from './errors.ts'

/** Topic settings that a client may read and set, with Kafka's defaults. Only the marked ones are acted upon. */
export const topicConfigs: Record<string, string> = {
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
  'delete.retention.ms': '86400000',
  'file.delete.delay.ms': '60000',
  'flush.messages': '9223372036854775807',
  'flush.ms': '9223372036854775807',
  'follower.replication.throttled.replicas': '',
  'index.interval.bytes': '4096',
  'leader.replication.throttled.replicas': '',
  'max.compaction.lag.ms': '9223372036854775807',
  'max.message.bytes': '1048588', // acted upon
  'message.timestamp.type': 'CreateTime',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'min.insync.replicas': '1', // acted upon; 2 where there are several nodes
  preallocate: 'false',
  'retention.bytes': '-1',
  'retention.ms': '604800000',
  'segment.bytes': '1073741824',
  'segment.index.bytes': '10485760',
  'segment.jitter.ms': '0',
  'segment.ms': '604800000',
  'unclean.leader.election.enable': 'false',
}

export function checkConfigNames(configs: Record<string, string>) {
  for (const name in configs)
    if (!Object.hasOwn(topicConfigs, name)) fail('INVALID_CONFIG', `Unknown topic config name: ${name}`)
}
