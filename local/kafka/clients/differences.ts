// What may differ: the one table of it. Each line of a session that differs has to match `lines`, and a difference that
// is no more fails too, so that what is written here is so.

export type Difference = { session: string; lines: RegExp; why: string }

const ELR = 'Apache Kafka writes min.insync.replicas into its cluster, and tells eligible leader replicas (KIP-966)'
const ELR_LINES = /^Topic: .*Configs: |\tElr: /
const SETTING = 'Apache Kafka has min.insync.replicas from its configuration file, the local one by default'
const WORDS = 'the same error in other words'

export const DIFFERENCES: Record<string, Difference[]> = {
  "Kafka's tools": [
    {
      session: 'topics --create tools-many --replication-factor 3',
      lines: /^Error while executing topic command : .*eplicat/,
      why: WORDS,
    },
    { session: 'topics --describe tools-orders', lines: ELR_LINES, why: ELR },
    { session: 'topics: altered', lines: ELR_LINES, why: ELR },
    { session: 'topics --describe --topics-with-overrides tools-.*', lines: ELR_LINES, why: ELR },
    { session: 'configs --describe --all --entity-type topics tools-orders', lines: /^ min\.insync/, why: SETTING },
    {
      session: 'quorum describe --status',
      lines: /^(LeaderId|LeaderEpoch|HighWatermark|MaxFollowerLag\w*|CurrentVoters): /,
      why: 'Apache Kafka is set up with a controller of its own; the local one has no log of metadata',
    },
    {
      session: 'features describe',
      lines: /^Feature: /,
      why: 'the epoch counts changes; share, streams, ELR, KRaft and transaction.version 2 are missing',
    },
    {
      session: 'configs --describe --entity-type users',
      lines: /SCRAM-SHA-256/,
      why: 'Apache Kafka is set up with a user',
    },
    {
      session: 'api versions',
      lines: /^\t\w+\(\d+\): (UNSUPPORTED|\d.* \[usable: \d+\]),?$/,
      why: 'not every request is there in every version',
    },
  ],
  'confluent-kafka': [{ session: 'describe settings of a topic', lines: /^min\.insync\.replicas /, why: SETTING }],
  KafkaJS: [{ session: 'settings of a topic', lines: /^"min\.insync\.replicas" /, why: SETTING }],
}
