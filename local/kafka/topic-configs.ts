// The settings of a topic, with the types, defaults and bounds of Apache Kafka 4.3.1, as its DescribeConfigs tells them.
// Source of what they mean: kafka.apache.org/documentation/#topicconfigs

import { fail } from './errors.ts'

/** As DescribeConfigs numbers them. */
export const CONFIG_TYPE = { BOOLEAN: 1, STRING: 2, INT: 3, SHORT: 4, LONG: 5, DOUBLE: 6, LIST: 7 } as const

/** `broker` is the broker's setting that the default comes from, where Kafka tells of one. */
export type TopicConfig = {
  type: keyof typeof CONFIG_TYPE
  value: string
  about: string
  broker?: string
  min?: number
  max?: number
  oneOf?: string[]
  replicas?: true
}
type Bounds = Omit<TopicConfig, 'type' | 'value' | 'about'>

const of =
  (type: TopicConfig['type']) =>
  (value: string, about: string, bounds: Bounds = {}) => ({
    type,
    value,
    about,
    ...bounds,
  })
const [bool, int, long, double] = [of('BOOLEAN'), of('INT'), of('LONG'), of('DOUBLE')]
const [text, list] = [of('STRING'), of('LIST')]
const LONG_MAX = '9223372036854775807'
const CODECS = ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer']

export const TOPIC_CONFIGS: Record<string, TopicConfig> = {
  'cleanup.policy': list('delete', 'What becomes of old records: they are deleted, compacted by key, or both.', {
    broker: 'log.cleanup.policy',
    oneOf: ['compact', 'delete'],
  }),
  'compression.gzip.level': int('-1', 'The level where compression.type is gzip.', {
    broker: 'compression.gzip.level',
    min: 1,
    max: 9,
  }),
  'compression.lz4.level': int('9', 'The level where compression.type is lz4.', {
    broker: 'compression.lz4.level',
    min: 1,
    max: 17,
  }),
  'compression.type': text('producer', 'The codec of what is stored; producer keeps what was sent.', {
    broker: 'compression.type',
    oneOf: CODECS,
  }),
  'compression.zstd.level': int('3', 'The level where compression.type is zstd.', {
    broker: 'compression.zstd.level',
    min: -131072,
    max: 22,
  }),
  'delete.retention.ms': long('86400000', 'How long a tombstone is kept in a compacted topic.', {
    broker: 'log.cleaner.delete.retention.ms',
    min: 0,
  }),
  'file.delete.delay.ms': long('60000', 'How long a deleted file stays on the disk.', {
    broker: 'log.segment.delete.delay.ms',
    min: 0,
  }),
  'flush.messages': long(LONG_MAX, 'After so many records they are forced to the disk.', {
    broker: 'log.flush.interval.messages',
    min: 1,
  }),
  'flush.ms': long(LONG_MAX, 'After so long records are forced to the disk.', { min: 0 }),
  'follower.replication.throttled.replicas': list('', 'Followers whose replication is throttled.', { replicas: true }),
  'index.interval.bytes': int('4096', 'After so many bytes the index gets an entry.', {
    broker: 'log.index.interval.bytes',
    min: 0,
  }),
  'leader.replication.throttled.replicas': list('', 'Leaders whose replication is throttled.', { replicas: true }),
  'local.retention.bytes': long('-2', 'retention.bytes of the local part of a tiered log.', {
    broker: 'log.local.retention.bytes',
    min: -2,
  }),
  'local.retention.ms': long('-2', 'retention.ms of the local part of a tiered log.', {
    broker: 'log.local.retention.ms',
    min: -2,
  }),
  'max.compaction.lag.ms': long(LONG_MAX, 'The longest that a record stays uncompacted.', {
    broker: 'log.cleaner.max.compaction.lag.ms',
    min: 1,
  }),
  'max.message.bytes': int('1048588', 'The largest batch of records that is taken.', {
    broker: 'message.max.bytes',
    min: 0,
  }),
  'message.timestamp.after.max.ms': long('3600000', 'How far ahead of the broker a timestamp may be.', {
    broker: 'log.message.timestamp.after.max.ms',
    min: 0,
  }),
  'message.timestamp.before.max.ms': long(LONG_MAX, 'How far behind the broker a timestamp may be.', {
    broker: 'log.message.timestamp.before.max.ms',
    min: 0,
  }),
  'message.timestamp.type': text('CreateTime', 'Whether the producer or the broker sets the timestamp.', {
    broker: 'log.message.timestamp.type',
    oneOf: ['CreateTime', 'LogAppendTime'],
  }),
  'min.cleanable.dirty.ratio': double('0.5', 'The part of a log that must be uncompacted before it is compacted.', {
    broker: 'log.cleaner.min.cleanable.ratio',
    min: 0,
    max: 1,
  }),
  'min.compaction.lag.ms': long('0', 'The shortest that a record stays uncompacted.', {
    broker: 'log.cleaner.min.compaction.lag.ms',
    min: 0,
  }),
  'min.insync.replicas': int('1', 'How many replicas must be in sync for acks=all.', {
    broker: 'min.insync.replicas',
    min: 1,
  }),
  preallocate: bool('false', 'Whether a segment has its full size on the disk from the start.', {
    broker: 'log.preallocate',
  }),
  'remote.log.copy.disable': bool('false', 'Whether a tiered log is copied no more.'),
  'remote.log.delete.on.disable': bool('false', 'Whether a tiered log is deleted when tiering is switched off.'),
  'remote.storage.enable': bool('false', 'Whether the log is tiered.'),
  'retention.bytes': long('-1', 'The size of a partition from which old segments are deleted; -1 is none.', {
    broker: 'log.retention.bytes',
  }),
  'retention.ms': long('604800000', 'How long records are kept where they are deleted; -1 is for ever.', { min: -1 }),
  'segment.bytes': int('1073741824', 'The size of a segment of the log.', {
    broker: 'log.segment.bytes',
    min: 1048576,
  }),
  'segment.index.bytes': int('10485760', 'The size of the index of a segment.', {
    broker: 'log.index.size.max.bytes',
    min: 4,
  }),
  'segment.jitter.ms': long('0', 'How much earlier than segment.ms a segment may be closed.', { min: 0 }),
  'segment.ms': long('604800000', 'How long a segment is written to.', { min: 1 }),
  'unclean.leader.election.enable': bool('false', 'Whether a replica that is not in sync may lead.', {
    broker: 'unclean.leader.election.enable',
  }),
}

/** The default of each. */
export const topicConfigs: Record<string, string> = Object.fromEntries(
  Object.entries(TOPIC_CONFIGS).map(([name, { value }]) => [name, value]),
)

export function checkConfigNames(configs: Record<string, string>) {
  for (const name in configs)
    if (!Object.hasOwn(topicConfigs, name)) fail('INVALID_CONFIG', `Unknown topic config name: ${name}`)
}
