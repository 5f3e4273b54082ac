// What Kafka's own tools do, in this order.

export type ToolSession = { name: string; tool: string; args: string[]; input: string }

const BASICS = 'org.apache.kafka.tools'
const CLASSES = {
  topics: `${BASICS}.TopicCommand`,
  configs: 'kafka.admin.ConfigCommand',
  producer: `${BASICS}.ConsoleProducer`,
  consumer: `${BASICS}.consumer.ConsoleConsumer`,
  groups: `${BASICS}.consumer.group.ConsumerGroupCommand`,
  'all groups': `${BASICS}.GroupsCommand`,
  offsets: `${BASICS}.GetOffsetShell`,
  'delete records': `${BASICS}.DeleteRecordsCommand`,
  transactions: `${BASICS}.TransactionsCommand`,
  'log dirs': `${BASICS}.LogDirsCommand`,
  'leader election': `${BASICS}.LeaderElectionCommand`,
  'verifiable producer': `${BASICS}.VerifiableProducer`,
  'verifiable consumer': `${BASICS}.VerifiableConsumer`,
  'api versions': `${BASICS}.BrokerApiVersionsCommand`,
  features: `${BASICS}.FeatureCommand`,
  quorum: `${BASICS}.MetadataQuorumCommand`,
  acls: `${BASICS}.AclCommand`,
  metrics: `${BASICS}.ClientMetricsCommand`,
  reassignments: `${BASICS}.reassign.ReassignPartitionsCommand`,
} as const
type Tool = keyof typeof CLASSES

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const CONSUMED = '--from-beginning --timeout-ms 20000 --max-messages'
const PRINTED = ['key', 'headers', 'offset', 'partition', 'timestamp']
  .map((part) => `--formatter-property print.${part}=true`)
  .join(' ')
const KEYED = '--reader-property parse.key=true --reader-property key.separator=:'

/** `about` tells apart what one tool does twice; a `{file}` in the arguments is one with `input` in it. */
const step = (tool: Tool, args: string, about = '', input = '') => ({ tool, args, about, input })

const STEPS = [
  step('topics', '--create --topic tools-orders --partitions 3 --config retention.ms=86400000'),
  step('topics', '--create --topic tools-orders', 'again'),
  step('topics', '--create --if-not-exists --topic tools-orders'),
  step('topics', '--create --topic tools-wrong --config retention.ms=abc'),
  step('topics', '--create --topic tools/wrong'),
  step('topics', '--create --topic tools-many --replication-factor 3'),
  step('topics', '--create --topic tools-codecs --partitions 1'),
  step('topics', '--create --topic tools-verified --partitions 1'),
  step('topics', '--create --topic tools-single --partitions 1'),
  step('topics', '--list --exclude-internal'),
  step('topics', '--describe --topic tools-orders'),
  step('topics', '--alter --topic tools-orders --partitions 4'),
  step('topics', '--alter --topic tools-orders --partitions 2'),
  step('topics', '--describe --topic tools-orders', 'altered'),
  step('topics', '--describe --topics-with-overrides --topic tools-.*'),
  step('topics', '--describe --topic tools-missing'),
  step('configs', '--alter --entity-type topics --entity-name tools-orders --add-config max.message.bytes=65536'),
  step('configs', '--describe --entity-type topics --entity-name tools-orders'),
  step('configs', '--describe --all --entity-type topics --entity-name tools-orders'),
  step('configs', '--alter --entity-type topics --entity-name tools-orders --delete-config retention.ms'),
  step('configs', '--alter --entity-type topics --entity-name tools-orders --add-config cleanup.policy=none'),
  step('configs', '--alter --entity-type topics --entity-name tools-orders --add-config colour=blue'),
  step('configs', '--describe --entity-type topics --entity-name tools-orders', 'altered'),
  step('configs', '--describe --entity-type groups --entity-name tools-classic'),
  ...CODECS.map((codec) =>
    step('producer', `--topic tools-codecs --compression-codec ${codec} ${KEYED}`, codec, `1:${codec}\n2:ö\n3:\n`),
  ),
  step('producer', `--topic tools-codecs --compression-codec=zstd ${KEYED}`, 'large', `4:${'x'.repeat(100_000)}\n`),
  step('producer', '--topic tools-orders', 'too large', `${'x'.repeat(100_000)}\n`),
  step('producer', `--topic tools-orders ${KEYED}`, 'keyed', 'a:1\nb:2\nc:3\nd:4\ne:5\n'),
  step('consumer', `--topic tools-codecs ${PRINTED} ${CONSUMED} 16`, 'every codec'),
  step('consumer', '--topic tools-codecs --partition 0 --offset 14 --timeout-ms 20000 --max-messages 2', 'from offset'),
  step(
    'consumer',
    `--topic tools-orders --group tools-classic ${PRINTED} ${CONSUMED} 5`,
    'classic group, in any order',
  ),
  step(
    'consumer',
    `--topic tools-orders --group tools-new --command-property group.protocol=consumer ${PRINTED} ${CONSUMED} 5`,
    'new group, in any order',
  ),
  step('consumer', `--topic tools-codecs --isolation-level read_committed ${CONSUMED} 2`, 'read_committed'),
  step('groups', '--list', 'all, in any order'),
  step('groups', '--list --state --type', 'all with their types, in any order'),
  ...['offsets', 'members', 'state'].flatMap((part) =>
    ['classic', 'new'].map((group) => step('groups', `--describe --group tools-${group} --${part}`)),
  ),
  step('groups', '--describe --group tools-missing'),
  ...['to-earliest', 'to-latest', 'shift-by -1', 'to-offset 1', 'by-duration PT1H', 'to-current'].map((where) =>
    step('groups', `--reset-offsets --group tools-classic --topic tools-orders --${where} --execute`),
  ),
  step(
    'groups',
    '--reset-offsets --group tools-new --topic tools-orders --to-datetime 2020-01-01T00:00:00.000 --execute',
  ),
  step('groups', '--reset-offsets --group tools-new --all-topics --to-latest --dry-run'),
  step('groups', '--delete-offsets --group tools-classic --topic tools-orders'),
  step('groups', '--describe --group tools-classic', 'without offsets'),
  step('groups', '--delete --group tools-new'),
  step('groups', '--delete --group tools-missing'),
  step('all groups', '--list', 'listed, in any order'),
  ...['-1', '-2', '-4', '-5', '0'].map((time) => step('offsets', `--topic-partitions tools-.* --time ${time}`)),
  step('offsets', '--topic tools-codecs --time -3'),
  step('offsets', '--topic tools-missing'),
  step(
    'delete records',
    '--offset-json-file {file}',
    'in a file, in any order',
    '{"version":1,"partitions":[{"topic":"tools-codecs","partition":0,"offset":3},{"topic":"tools-orders","partition":0,"offset":99}]}',
  ),
  step('offsets', '--topic tools-codecs --time -2', 'after deleted records'),
  step('verifiable producer', '--topic tools-verified --max-messages 20 --acks -1', '20 records, in any order'),
  step(
    'verifiable consumer',
    '--topic tools-verified --max-messages 20 --group-id tools-verified-classic',
    'classic group, in any order',
  ),
  step(
    'verifiable consumer',
    '--topic tools-verified --max-messages 20 --group-id tools-verified-new --group-protocol consumer',
    'new group, in any order',
  ),
  step('producer', `--topic tools-single --compression-codec none ${KEYED}`, 'one record', 'one:record\n'),
  step('log dirs', '--describe --topic-list tools-single'),
  step('leader election', '--election-type preferred --topic tools-orders --partition 0'),
  step('leader election', '--election-type unclean --topic tools-orders --partition 0'),
  step('leader election', '--election-type preferred --topic tools-missing --partition 0'),
  step('transactions', 'list'),
  step('transactions', 'describe --transactional-id tools-missing'),
  step('transactions', 'describe-producers --topic tools-verified --partition 0'),
  step('quorum', 'describe --status'),
  step('features', 'describe'),
  step('acls', '--list'),
  step('acls', '--add --allow-principal User:a --operation Read --topic tools-verified'),
  step('metrics', '--list'),
  step('reassignments', '--list'),
  step('configs', '--describe --entity-type users'),
  step('api versions', ''),
  step('topics', '--delete --topic tools-orders'),
  step('topics', '--delete --topic tools-missing'),
  step('topics', '--list --exclude-internal', 'after a deletion'),
]

/** In a session's name there is no constant part that says nothing. */
const named = ({ tool, args, about, input }: (typeof STEPS)[number]) =>
  about ? `${tool}: ${about}` : `${tool} ${args || input}`.replace(/ (--topic|--group|--entity-name) /g, ' ').trim()

/** The sessions for one broker; `fileOf` writes a file and gives its path. */
export const toolSessions = (broker: string, fileOf: (text: string) => string): ToolSession[] =>
  STEPS.map((each) => ({
    name: named(each),
    tool: CLASSES[each.tool],
    args: `--bootstrap-server ${broker} ${each.args.replace('{file}', () => fileOf(each.input))}`.trim().split(' '),
    input: each.input,
  }))
