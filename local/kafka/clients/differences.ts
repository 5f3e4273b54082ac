// What may differ: the one table of it. Each line of a session that differs has to match `lines`, and a difference that
// is no more fails too, so that what is written here is so.

export type Difference = { session: string; lines: RegExp; why: string }

const ELR = 'Apache Kafka writes min.insync.replicas into its cluster, and tells eligible leader replicas (KIP-966)'
const ELR_LINES = /^Topic: .*Configs: |\tElr: /
const SETTING = 'Apache Kafka has min.insync.replicas from its configuration file, the local one by default'
const WORDS = 'the same error in other words'
const DESCRIBED = 'DescribeGroups 6 (KIP-1043) is missing: a group that is not there is Dead'
const MISSING = 'a request that is missing'

export const DIFFERENCES: Record<string, Difference[]> = {
  "Kafka's tools": [
    { session: 'topics --create tools/wrong', lines: /^Error while executing topic command : /, why: WORDS },
    {
      session: 'topics --create tools-many --replication-factor 3',
      lines: /^Error while executing topic command : .*eplicat/,
      why: WORDS,
    },
    { session: 'topics --describe tools-orders', lines: ELR_LINES, why: ELR },
    { session: 'topics: altered', lines: ELR_LINES, why: ELR },
    { session: 'topics --describe --topics-with-overrides tools-.*', lines: ELR_LINES, why: ELR },
    { session: 'configs --describe --all --entity-type topics tools-orders', lines: /^ min\.insync/, why: SETTING },
    { session: 'groups --describe tools-missing', lines: /not found\.|does not exist\./, why: DESCRIBED },
    {
      session: 'offsets --topic-partitions tools-.* --time -5',
      lines: /^tools-\w+:\d:0$/,
      why: 'the last offset in tiered storage is 0, where there is none',
    },
    { session: 'transactions list', lines: /LIST_TRANSACTIONS|^exit 1$|^TransactionalId\t/, why: MISSING },
    {
      session: 'transactions describe --transactional-id tools-missing',
      lines: /DESCRIBE_TRANSACTIONS|could not be found/,
      why: MISSING,
    },
    {
      session: 'transactions describe-producers tools-verified --partition 0',
      lines: /DESCRIBE_PRODUCERS|^exit 1$|^ProducerId\t/,
      why: MISSING,
    },
    { session: 'quorum describe --status', lines: /DESCRIBE_QUORUM|^exit 1$|^[A-Z]\w+: /, why: MISSING },
    { session: 'features describe', lines: /^Feature: /, why: 'the local one has no features' },
    {
      session: 'configs --describe --entity-type users',
      lines: /DESCRIBE_CLIENT_QUOTAS|^Error while|^exit 1$|SCRAM-SHA-256/,
      why: `${MISSING}; and Apache Kafka is set up with a user`,
    },
    {
      session: 'api versions',
      lines: /^\t\w+\(\d+\): (UNSUPPORTED|\d.* \[usable: \d+\]),?$/,
      why: 'not every request is there in every version',
    },
  ],
  'confluent-kafka': [
    { session: 'create topics', lines: /^confluent(-none)? INVALID_PARTITIONS /, why: WORDS },
    { session: 'describe settings of a topic', lines: /^min\.insync\.replicas /, why: SETTING },
  ],
  'franz-go': [{ session: 'consume in a group: franz-go-new', lines: /^franz-go-new Dead 0 0 /, why: DESCRIBED }],
  KafkaJS: [{ session: 'settings of a topic', lines: /^"min\.insync\.replicas" /, why: SETTING }],
}
