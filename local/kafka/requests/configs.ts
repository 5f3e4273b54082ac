// Settings: what topics and brokers have, and how those of topics change (KIP-133, KIP-226, KIP-339, KIP-1142).

import { brokerConfigs } from '../broker-configs.ts'
import type { Cluster } from '../cluster.ts'
import type { Topic } from '../partition.ts'
import { checkConfigs, listOf } from '../config-values.ts'
import { fail } from '../errors.ts'
import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } from '../protocol/configs.ts'
import type { Node } from '../node.ts'
import { CONFIG_TYPE, TOPIC_CONFIGS } from '../topic-configs.ts'
import { attempt, checkController, distinct, endpoint } from './endpoint.ts'

// Numbers of the protocol: kinds of resource, sources of a value, ways to alter one.
const RESOURCE = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 }
const SOURCE = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 }
const OPERATION = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 }

/** Given configs by name; one without a value is not set. Throws where a topic cannot have them. */
export function setConfigs(given: { name: string; value: string | null }[]) {
  const configs = Object.fromEntries(given.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))
  checkConfigs(configs)
  return configs
}

export const shownConfigs = ({ defaultConfigs }: Cluster, { configs }: Topic) =>
  Object.entries(TOPIC_CONFIGS).map(([name, { type, value: usual, broker, about }]) => {
    const inherited = defaultConfigs[name] ?? usual
    const source = inherited === usual ? SOURCE.DEFAULT : SOURCE.STATIC_BROKER
    const own = configs[name]
    return {
      name,
      value: own ?? inherited,
      source: own === undefined ? source : SOURCE.TOPIC,
      readOnly: false,
      type: CONFIG_TYPE[type],
      documentation: about,
      synonyms: [
        ...(own === undefined ? [] : [{ name, value: own, source: SOURCE.TOPIC }]),
        ...(broker === undefined ? [] : [{ name: broker, value: inherited, source }]),
      ],
    }
  })

function shownBroker(cluster: Cluster, node: Node, name: string) {
  if (name === '') return [] // the settings that all brokers were given at run time
  if (!/^\d+$/.test(name)) fail('INVALID_REQUEST', `Broker id must be an integer, but it is: ${name}`)
  if (Number(name) !== node.id)
    fail('INVALID_REQUEST', `Unexpected broker id, expected ${node.id} or empty string, but received ${name}`)
  return brokerConfigs(cluster, node).map(({ name, type, value, about, isDefault }) => {
    const source = isDefault ? SOURCE.DEFAULT : SOURCE.STATIC_BROKER
    const synonyms = value === null ? [] : [{ name, value, source }]
    return { name, value, source, readOnly: true, type, documentation: about, synonyms }
  })
}

/** What a topic's settings become by these changes. */
function altered(
  current: Topic['configs'],
  changes: { name: string; operation: number; value: string | null }[],
): Topic['configs'] {
  const configs = { ...current }
  if (new Set(changes.map(({ name }) => name)).size < changes.length)
    fail('INVALID_REQUEST', 'Error due to duplicate config keys')
  for (const { name, operation, value } of changes) {
    if (operation === OPERATION.DELETE) {
      delete configs[name]
      continue
    }
    const given = value ?? fail('INVALID_REQUEST', `Null value not supported for : ${name}`)
    if (operation === OPERATION.SET) configs[name] = given
    else if (operation === OPERATION.APPEND || operation === OPERATION.SUBTRACT) {
      const [config, verb] = [TOPIC_CONFIGS[name], operation === OPERATION.APPEND ? 'APPEND' : 'SUBTRACT']
      if (!config) return fail('INVALID_CONFIG', `Unknown topic config name: ${name}`)
      if (config.type !== 'LIST') fail('INVALID_CONFIG', `Can't ${verb} to key ${name} because its type is not LIST.`)
      const [before, named] = [listOf(configs[name] ?? config.value), listOf(given)]
      const after = verb === 'APPEND' ? new Set([...before, ...named]) : before.filter((item) => !named.includes(item))
      configs[name] = [...after].join(',')
    } else fail('INVALID_REQUEST', `Unknown operation ${operation}`)
  }
  checkConfigs(configs)
  return configs
}

export function configRequests(cluster: Cluster) {
  const topicOf = (name: string) =>
    cluster.topics.get(name) ?? fail('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)

  const configsOf = (type: number, name: string, node: Node) => {
    if (type === RESOURCE.TOPIC)
      return shownConfigs(cluster, cluster.topics.get(name) ?? fail('UNKNOWN_TOPIC_OR_PARTITION', ''))
    return type === RESOURCE.BROKER ? shownBroker(cluster, node, name) : fail('INVALID_REQUEST')
  }

  type Altered = { type: number; name: string; configs: { name: string }[] }
  const alter = (
    { type, name, configs: given }: Altered,
    node: Node,
    validateOnly: boolean,
    change: (configs: Topic['configs']) => Topic['configs'],
  ) => ({
    type,
    name,
    ...attempt(() => {
      checkController(node)
      if (type === RESOURCE.BROKER)
        fail(
          'INVALID_REQUEST',
          `Cannot update these configs dynamically: [${given.map(({ name }) => name).join(', ')}]`,
        )
      if (type !== RESOURCE.TOPIC) fail('INVALID_REQUEST', `Unknown resource type ${type}`)
      const topic = topicOf(name)
      const configs = change(topic.configs)
      if (!validateOnly) topic.configs = configs
      return {}
    }),
  })

  return [
    endpoint(DescribeConfigs, ({ resources, ...asked }, { node }) => ({
      results: distinct(resources, ({ type, name }) => `${type} ${name}`).map(({ type, name, keys }) => ({
        type,
        name,
        ...attempt(() => ({
          configs: configsOf(type, name, node)
            .filter((config) => !keys?.length || keys.includes(config.name))
            .map(({ synonyms, documentation, ...config }) => ({
              ...config,
              synonyms: asked.synonyms ? synonyms : [],
              documentation: asked.documentation ? documentation : null,
            })),
        })),
      })),
    })),

    endpoint(AlterConfigs, ({ resources, validateOnly }, { node }) => {
      const results = resources.map((resource) =>
        alter(resource, node, validateOnly, () => setConfigs(resource.configs)),
      )
      cluster.saveTopics()
      return { results }
    }),

    endpoint(IncrementalAlterConfigs, ({ resources, validateOnly }, { node }) => {
      const results = resources.map((resource) =>
        alter(resource, node, validateOnly, (current) => altered(current, resource.configs)),
      )
      cluster.saveTopics()
      return { results }
    }),

    endpoint(ListConfigResources, ({ types }, { version }) => {
      const known = new Set(Object.values(RESOURCE))
      if (types.some((type) => !known.has(type))) fail('UNSUPPORTED_VERSION')
      const wanted = (type: number) => version > 0 && (!types.length || types.includes(type))
      return {
        resources: [
          ...(wanted(RESOURCE.BROKER) ? cluster.live.map(({ id }) => ({ name: `${id}`, type: RESOURCE.BROKER })) : []),
          ...(wanted(RESOURCE.TOPIC) ? [...cluster.topics.keys()].map((name) => ({ name, type: RESOURCE.TOPIC })) : []),
        ],
      }
    }),
  ]
}
