// Requests about settings.

import { said, only } from '../asking.ts'
import { type Broker, until } from '../broker.ts'
import { DescribeConfigs, IncrementalAlterConfigs } from '../../protocol/configs.ts'

export const [TOPIC, BROKER] = [2, 4]
export const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]
type Change = [name: string, operation: number, value: string | null]

export const describe = async (
  kafka: Broker,
  name: string,
  keys: string[] | null,
  more: { type?: number; version?: number } = {},
) => {
  const { type = TOPIC, version = 4 } = more
  const asked = { resources: [{ type, name, keys }], synonyms: true, documentation: true }
  return only((await kafka.any.ask(DescribeConfigs, asked, version)).results)
}
export const valueOf = async (kafka: Broker, name: string, key: string) => {
  const { configs } = await describe(kafka, name, [key])
  return configs.map(({ value, source }) => [value, source])[0]
}
export const change = async (
  kafka: Broker,
  name: string,
  changes: Change[],
  more: { type?: number; validateOnly?: boolean; version?: number } = {},
) => {
  const { type = TOPIC, validateOnly = false, version = 1 } = more
  const configs = changes.map(([key, operation, value]) => ({ name: key, operation, value }))
  const asked = { resources: [{ type, name, configs }], validateOnly }
  return said(only((await kafka.any.ask(IncrementalAlterConfigs, asked, version)).results))
}
/** The value of a setting, once it is this, as brokers learn of it on their own. */
export const becomes = (kafka: Broker, name: string, key: string, wanted: string) =>
  until(async () => {
    const found = await valueOf(kafka, name, key)
    return found?.[0] === wanted && found
  })

export const WRONG: [string, string, string][] = [
  ['retention.ms', 'abc', 'Invalid value abc for configuration retention.ms: Not a number of type LONG'],
  ['retention.ms', '-2', 'Invalid value -2 for configuration retention.ms: Value must be at least -1'],
  ['retention.ms', '', 'Invalid value  for configuration retention.ms: Not a number of type LONG'],
  ['segment.bytes', '1', 'Invalid value 1 for configuration segment.bytes: Value must be at least 1048576'],
  ['segment.bytes', '9999999999', 'Invalid value 9999999999 for configuration segment.bytes: Not a number of type INT'],
  ['min.insync.replicas', '0', 'Invalid value 0 for configuration min.insync.replicas: Value must be at least 1'],
  ['max.message.bytes', '-1', 'Invalid value -1 for configuration max.message.bytes: Value must be at least 0'],
  ['preallocate', 'yes', 'Invalid value yes for configuration preallocate: Expected value to be either true or false'],
  [
    'min.cleanable.dirty.ratio',
    '1.5',
    'Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  ],
  [
    'min.cleanable.dirty.ratio',
    'x',
    'Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE',
  ],
  [
    'cleanup.policy',
    'burn',
    'Invalid value burn for configuration cleanup.policy: String must be one of: compact, delete',
  ],
  [
    'compression.type',
    'rar',
    'Invalid value rar for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
  ],
  [
    'compression.gzip.level',
    '10',
    'Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
  ],
  [
    'message.timestamp.type',
    'Never',
    'Invalid value Never for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime',
  ],
  [
    'leader.replication.throttled.replicas',
    '0-1',
    "Invalid value [0-1] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
  ],
  [
    'remote.storage.enable',
    'true',
    'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
  ],
  ['no.such.setting', '1', 'Unknown topic config name: no.such.setting'],
]
