// The settings of a broker that tools and GUIs show: those that say something true of this one, by Kafka's names and
// with its types. All of them are read-only. Source of what they mean: kafka.apache.org/documentation/#brokerconfigs

import type { Cluster } from './cluster.ts'
import { LIMITS } from './listener.ts'
import type { Node } from './node.ts'
import { CONFIG_TYPE, TOPIC_CONFIGS } from './topic-configs.ts'

type Setting = [type: keyof typeof CONFIG_TYPE, value: string | number | boolean | null, about: string]

/** What this cluster was started with. */
const chosen = (
  { settings, replication, nodes, defaultConfigs }: Cluster,
  { id, host, bind, port }: Node,
): Record<string, Setting> => ({
  'advertised.listeners': ['LIST', `PLAINTEXT://${host}:${port}`, 'Where clients are told to find this broker.'],
  'broker.id': ['INT', id, 'The number of this broker.'],
  'controller.quorum.voters': [
    'LIST',
    nodes.map((node) => `${node.id}@${node.host}:${node.port}`).join(','),
    'The controllers, by their numbers.',
  ],
  'default.replication.factor': ['INT', replication, 'How many replicas a topic has that asks for no number.'],
  listeners: ['LIST', `PLAINTEXT://${bind}:${port}`, 'Where this broker listens.'],
  'log.cleaner.backoff.ms': ['LONG', settings.cleanerBackoff, 'How long compaction rests where nothing is to be done.'],
  'log.dirs': ['LIST', settings.folder ?? '(memory)', 'Where records are kept.'],
  'log.retention.check.interval.ms': ['LONG', settings.cleanerBackoff, 'How often old segments are looked for.'],
  'min.insync.replicas': [
    'INT',
    defaultConfigs['min.insync.replicas'] ?? '1',
    'How many replicas must be in sync for acks=all.',
  ],
  'node.id': ['INT', id, 'The number of this node.'],
  'num.partitions': ['INT', settings.partitions, 'How many partitions a topic has that asks for no number.'],
})

/** What is so in every cluster here, and is not the default of Kafka. */
const own: Record<string, Setting> = {
  'auto.leader.rebalance.enable': ['BOOLEAN', false, 'Whether leaders go back to preferred replicas by themselves.'],
  'controller.listener.names': ['LIST', 'PLAINTEXT', 'The listeners of the controllers.'],
  'group.consumer.max.size': ['INT', 1_000, 'How many members a group of the consumer protocol may have.'],
  'group.coordinator.rebalance.protocols': ['LIST', 'classic,consumer', 'The protocols that groups may speak.'],
  'group.initial.rebalance.delay.ms': ['INT', 0, 'How long an empty group waits for more members.'],
  'group.max.size': ['INT', 1_000, 'How many members a classic group may have.'],
  'max.connections': ['INT', LIMITS.connections, 'How many connections this broker has at once.'],
  'offsets.retention.minutes': ['INT', 2 ** 31 - 1, 'How long offsets of an empty group are kept: for ever here.'],
  'process.roles': ['LIST', 'broker,controller', 'What this node is.'],
  'queued.max.request.bytes': ['LONG', LIMITS.unfinished, 'How much of unfinished requests is kept.'],
}

/** The same, as in Kafka by default. */
const usual: Record<string, Setting> = {
  'authorizer.class.name': ['STRING', '', 'Who decides what a client may do: nobody.'],
  'auto.create.topics.enable': ['BOOLEAN', true, 'Whether topics are made on first use.'],
  'broker.rack': ['STRING', null, 'The rack that this broker is in.'],
  'connections.max.idle.ms': ['LONG', LIMITS.idle, 'How long a silent connection lasts.'],
  'controlled.shutdown.enable': ['BOOLEAN', true, 'Whether a broker that ends hands its leaderships over.'],
  'delete.topic.enable': ['BOOLEAN', true, 'Whether topics can be deleted.'],
  'fetch.max.bytes': ['INT', 57_671_680, 'How much a fetch is answered with at most.'],
  'group.consumer.assignors': ['LIST', 'uniform,range', 'The assignors of groups of the consumer protocol.'],
  'group.consumer.heartbeat.interval.ms': ['INT', 5_000, 'How often members of such a group send heartbeats.'],
  'group.consumer.session.timeout.ms': ['INT', 45_000, 'How long such a group waits for a heartbeat.'],
  'group.max.session.timeout.ms': ['INT', 1_800_000, 'The longest session of a member of a classic group.'],
  'group.min.session.timeout.ms': ['INT', 6_000, 'The shortest session of a member of a classic group.'],
  'inter.broker.listener.name': ['STRING', 'PLAINTEXT', 'The listener by which brokers reach each other.'],
  'listener.security.protocol.map': ['STRING', 'PLAINTEXT:PLAINTEXT', 'How each listener is secured.'],
  'log.retention.hours': ['INT', 168, 'How long records are kept, where log.retention.ms is not set.'],
  'log.retention.minutes': ['INT', null, 'How long records are kept, where log.retention.ms is not set.'],
  'log.retention.ms': ['LONG', null, 'How long records are kept.'],
  'log.roll.hours': ['INT', 168, 'How long a segment is written to, where log.roll.ms is not set.'],
  'log.roll.ms': ['LONG', null, 'How long a segment is written to.'],
  'max.request.partition.size.limit': ['INT', 2_000, 'How many partitions are described in one answer.'],
  'offset.metadata.max.bytes': ['INT', 4_096, 'The longest note with an offset that is committed.'],
  'producer.id.expiration.ms': ['INT', 86_400_000, 'How long a partition knows a producer that is silent.'],
  'remote.log.storage.system.enable': ['BOOLEAN', false, 'Whether logs are tiered.'],
  'sasl.enabled.mechanisms': ['LIST', '', 'How clients may prove who they are: they need not.'],
  'security.inter.broker.protocol': ['STRING', 'PLAINTEXT', 'How brokers reach each other.'],
  'socket.request.max.bytes': ['INT', 104_857_600, 'The largest request.'],
  'transaction.max.timeout.ms': ['INT', 900_000, 'The longest that a transaction may be open.'],
  'transaction.partition.verification.enable': [
    'BOOLEAN',
    true,
    'Whether records of a transaction are refused in a partition that it does not cover.',
  ],
  'transactional.id.expiration.ms': ['INT', 604_800_000, 'How long an unused transactional id is known.'],
}

/** The defaults of topics, by the broker's names for them. */
const ofTopics = (): Record<string, Setting> =>
  Object.fromEntries(
    Object.values(TOPIC_CONFIGS).flatMap(({ broker, type, value, about }) =>
      broker === undefined ? [] : [[broker, [type, value, about]]],
    ),
  )

const rows = (settings: Record<string, Setting>, isDefault: boolean) =>
  Object.entries(settings).map(([name, [type, value, about]]) => ({
    name,
    type: CONFIG_TYPE[type],
    value: value === null ? null : String(value),
    about,
    isDefault,
  }))

/** Each once, by name: what was chosen counts before what is always so. */
export function brokerConfigs(cluster: Cluster, node: Node) {
  const all = [...rows({ ...ofTopics(), ...usual }, true), ...rows({ ...own, ...chosen(cluster, node) }, false)]
  return [...new Map(all.map((row) => [row.name, row])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
