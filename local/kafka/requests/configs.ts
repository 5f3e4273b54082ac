import type { Cluster, Topic } from '../cluster.ts'
import { fail } from '../errors.ts'
import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs } from '../protocol/configs.ts'
import type { Node } from '../node.ts'
import { checkConfigNames } from '../topic-configs.ts'
import { attempt, checkController, distinct, endpoint } from './endpoint.ts'

// Numbers of the protocol: kinds of resource, sources of a value, ways to alter one.
const RESOURCE = { TOPIC: 2, BROKER: 4 }
const SOURCE = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 }
const OPERATION = { SET: 0, DELETE: 1 }

/** Given configs by name; one without a value is not set. */
export const setConfigs = (configs: { name: string; value: string | null }[]) =>
  Object.fromEntries(configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))

export const shownConfigs = ({ defaultConfigs }: Cluster, { configs }: Topic) =>
  Object.entries(defaultConfigs).map(([name, value]) => ({
    name,
    value: configs[name] ?? value,
    source: name in configs ? SOURCE.TOPIC : SOURCE.DEFAULT,
    readOnly: false,
  }))

const brokerConfigs = ({ settings, replication, defaultConfigs }: Cluster, id: string) =>
  Object.entries({
    'auto.create.topics.enable': true,
    'broker.id': id,
    'default.replication.factor': replication,
    'group.initial.rebalance.delay.ms': 0,
    'log.dirs': settings.folder ?? '(memory)',
    'min.insync.replicas': defaultConfigs['min.insync.replicas'],
    'num.partitions': settings.partitions,
  }).map(([name, value]) => ({ name, value: String(value), source: SOURCE.STATIC_BROKER, readOnly: true }))

export function configRequests(cluster: Cluster) {
  const configsOf = (type: number, name: string) => {
    if (type === RESOURCE.TOPIC) return shownConfigs(cluster, cluster.topic(name))
    return type === RESOURCE.BROKER ? brokerConfigs(cluster, name) : fail('INVALID_REQUEST')
  }

  type Altered = { type: number; name: string }
  const alter = (
    { type, name }: Altered,
    node: Node,
    validateOnly: boolean,
    change: (configs: Topic['configs']) => Topic['configs'],
  ) => ({
    type,
    name,
    ...attempt(() => {
      checkController(node)
      if (type !== RESOURCE.TOPIC) fail('INVALID_REQUEST', 'Only topics have settings that can be altered here.')
      const topic = cluster.topic(name)
      const configs = change(topic.configs)
      checkConfigNames(configs)
      if (validateOnly) return {}
      topic.configs = configs
      return {}
    }),
  })

  return [
    endpoint(DescribeConfigs, ({ resources, synonyms }) => ({
      results: distinct(resources, ({ type, name }) => `${type} ${name}`).map(({ type, name, keys }) => ({
        type,
        name,
        ...attempt(() => ({
          configs: configsOf(type, name)
            .filter((config) => !keys || keys.includes(config.name))
            .map((config) => ({ ...config, synonyms: synonyms ? [config] : [] })),
        })),
      })),
    })),

    endpoint(AlterConfigs, ({ resources, validateOnly }, { node }) => {
      const results = resources.map(({ configs, ...resource }) =>
        alter(resource, node, validateOnly, () => setConfigs(configs)),
      )
      cluster.saveTopics()
      return { results }
    }),

    endpoint(IncrementalAlterConfigs, ({ resources, validateOnly }, { node }) => {
      const results = resources.map(({ configs, ...resource }) =>
        alter(resource, node, validateOnly, (current) => {
          const changed = { ...current }
          for (const { name, operation, value } of configs) {
            if (operation === OPERATION.SET) changed[name] = value ?? fail('INVALID_REQUEST')
            else if (operation === OPERATION.DELETE) delete changed[name]
            else fail('INVALID_CONFIG', 'Appending to and subtracting from a list are not supported here.')
          }
          return changed
        }),
      )
      cluster.saveTopics()
      return { results }
    }),
  ]
}
