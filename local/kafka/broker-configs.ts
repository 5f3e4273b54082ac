// The settings of a broker that tools and GUIs show: those that say something true of this one. All of them are
// read-only. Source of what they mean: kafka.apache.org/documentation/#brokerconfigs

import type { Cluster } from './cluster.ts'
import type { Node } from './node.ts'
import { CONFIG_TYPE, TOPIC_CONFIGS } from './topic-configs.ts'

type Value = [type: keyof typeof CONFIG_TYPE, value: string | number | boolean]

/** `chosen`: what this cluster was started with; the rest is as it is in every cluster here. */
const chosen = ({ settings, replication, nodes, defaultConfigs }: Cluster, { id, host, bind, port }: Node) =>
  ({
    'advertised.listeners': ['LIST', `PLAINTEXT://${host}:${port}`],
    'auto.create.topics.enable': ['BOOLEAN', true],
    'broker.id': ['INT', id],
    'controller.quorum.voters': ['LIST', nodes.map((node) => `${node.id}@${node.host}:${node.port}`).join(',')],
    'default.replication.factor': ['INT', replication],
    'group.initial.rebalance.delay.ms': ['INT', 0],
    listeners: ['LIST', `PLAINTEXT://${bind}:${port}`],
    'log.cleaner.backoff.ms': ['LONG', settings.cleanerBackoff],
    'log.dirs': ['LIST', settings.folder ?? '(memory)'],
    'min.insync.replicas': ['INT', defaultConfigs['min.insync.replicas'] ?? '1'],
    'node.id': ['INT', id],
    'num.partitions': ['INT', settings.partitions],
    'process.roles': ['LIST', 'broker,controller'],
  }) satisfies Record<string, Value>

const always = {
  'authorizer.class.name': ['STRING', ''],
  'connections.max.idle.ms': ['LONG', 600_000],
  'delete.topic.enable': ['BOOLEAN', true],
  'fetch.max.bytes': ['INT', 57_671_680],
  'group.max.session.timeout.ms': ['INT', 1_800_000],
  'group.max.size': ['INT', 1_000],
  'group.min.session.timeout.ms': ['INT', 6_000],
  'inter.broker.listener.name': ['STRING', 'PLAINTEXT'],
  'listener.security.protocol.map': ['STRING', 'PLAINTEXT:PLAINTEXT'],
  'log.message.timestamp.type': ['STRING', 'CreateTime'],
  'max.connections': ['INT', 2_000],
  'offset.metadata.max.bytes': ['INT', 4_096],
  'security.inter.broker.protocol': ['STRING', 'PLAINTEXT'],
  'socket.request.max.bytes': ['INT', 104_857_600],
  'transaction.max.timeout.ms': ['INT', 900_000],
} satisfies Record<string, Value>

/** The defaults of topics, by the broker's names for them. */
const ofTopics = (): Record<string, Value> =>
  Object.fromEntries(Object.values(TOPIC_CONFIGS).map(({ broker, type, value }) => [broker ?? '', [type, value]]))

const rows = (settings: Record<string, Value>, isDefault: boolean) =>
  Object.entries(settings).flatMap(([name, [type, value]]) =>
    name ? [{ name, type: CONFIG_TYPE[type], value: String(value), isDefault }] : [],
  )

/** Each once, by name: what was chosen counts before what is always so. */
export const brokerConfigs = (cluster: Cluster, node: Node) =>
  [
    ...new Map(
      [...rows({ ...ofTopics(), ...always }, true), ...rows(chosen(cluster, node), false)].map((row) => [
        row.name,
        row,
      ]),
    ).values(),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1))
