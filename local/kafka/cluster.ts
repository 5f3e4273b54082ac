// What the brokers hold in common: nodes, topics, groups, transactions, and the folder they are kept in.

import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from './errors.ts'
import { Group } from './group.ts'
import { coalesced, readJson, writeJson, writeJsonAsync } from './json-file.ts'
import { PartitionLog } from './log.ts'
import { ClusterFile, OffsetsFile, TopicsFile } from './metadata-files.ts'
import { checkConfigNames, topicConfigs } from './topic-configs.ts'
import { Transactions } from './transactions.ts'

export type Node = { id: number; host: string; port: number }
export type Topic = { name: string; id: string; partitions: PartitionLog[]; replication: number; configs: Record<string, string> }
export type Settings = { partitions: number; autoCreate: boolean; initialRebalanceDelay: number; folder: string | null }

const NO_ID = '0'.repeat(32)
const MAX_PARTITIONS = 10_000

export class Cluster {
  id = Buffer.from(uuid(), 'hex').toString('base64url')
  nodes: Node[]
  settings: Settings
  topics = new Map<string, Topic>()
  groups = new Map<string, Group>()
  transactions = new Transactions()
  private offsetsFile = coalesced(async () => {
    const { folder } = this.settings
    if (folder) await writeJsonAsync(join(folder, 'offsets.json'), this.allOffsets())
  })
  private report: (message: string) => void

  constructor(nodes: Node[], settings: Settings, report: (message: string) => void) {
    this.nodes = nodes
    this.settings = settings
    this.report = report
    if (settings.folder) this.load(settings.folder)
  }

  private load(folder: string) {
    mkdirSync(folder, { recursive: true })
    const cluster = readJson(join(folder, 'cluster.json'), ClusterFile)
    if (cluster) this.id = cluster.id
    else writeJson(join(folder, 'cluster.json'), { id: this.id } satisfies ClusterFile)

    for (const { starts, ...topic } of readJson(join(folder, 'topics.json'), TopicsFile) ?? [])
      this.topics.set(topic.name, { ...topic, partitions: starts.map((start, index) => this.log(topic.name, index, start)) })

    for (const { group, topic, index, ...offset } of readJson(join(folder, 'offsets.json'), OffsetsFile) ?? [])
      if (this.topics.has(topic)) this.group(group).store(topic, index, offset) // not of one whose deletion a kill cut short

    for (const { partitions } of this.topics.values()) for (const log of partitions) this.transactions.recover(log)
  }

  private log(topic: string, index: number, start = 0) {
    const { folder } = this.settings
    return new PartitionLog(folder && join(folder, `${topic}-${index}.log`), start, this.report)
  }

  /** Topics change seldom, and nobody may use one that a kill could take away: this returns when they are on disk. */
  saveTopics() {
    const { folder } = this.settings
    if (!folder) return
    const topics = [...this.topics.values()].map(({ partitions, ...topic }) => ({ ...topic, starts: partitions.map((log) => log.start) }))
    writeJson(join(folder, 'topics.json'), topics satisfies TopicsFile)
  }

  private allOffsets(): OffsetsFile {
    return [...this.groups.values()].flatMap((group) =>
      [...group.offsets].flatMap(([topic, offsets]) =>
        [...offsets].map(([index, offset]) => ({ group: group.id, topic, index, ...offset })),
      ),
    )
  }

  /** Resolves when the offsets committed so far are on disk. */
  saveOffsets() {
    return this.offsetsFile.write()
  }

  /** A topic that is not there yet, nor made by this. */
  draftTopic(name: string, count: number, replication = 1, configs: Record<string, string> = {}): Topic {
    if (!/^[\w.-]{1,249}$/.test(name) || /^\.\.?$/.test(name)) fail('INVALID_TOPIC_EXCEPTION')
    if (this.topics.has(name)) fail('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
    if (count < 1 || count > MAX_PARTITIONS) fail('INVALID_PARTITIONS', `Number of partitions must be from 1 to ${MAX_PARTITIONS}.`)
    if (replication < 1 || replication > this.nodes.length) {
      const message = `Replication factor: ${replication} larger than available brokers: ${this.nodes.length}.`
      fail('INVALID_REPLICATION_FACTOR', message)
    }
    checkConfigNames(configs)
    return { name, id: uuid(), partitions: [], replication, configs }
  }

  createTopic(topic: Topic, count: number) {
    this.topics.set(topic.name, topic)
    this.addPartitions(topic, count)
    return topic
  }

  checkGrowth({ name, partitions }: Topic, count: number) {
    if (count <= partitions.length || count > MAX_PARTITIONS) {
      const message = `The topic ${name} currently has ${partitions.length} partition(s); ${count} would not be an increase.`
      fail('INVALID_PARTITIONS', message)
    }
  }

  addPartitions({ name, partitions }: Topic, count: number) {
    while (partitions.length < count) partitions.push(this.log(name, partitions.length))
    this.saveTopics()
  }

  async deleteTopic(topic: Topic) {
    this.topics.delete(topic.name)
    for (const log of topic.partitions) {
      // Before the topic's name, so that a kill between the two leaves it empty, and not its records to a later topic of that name.
      if (log.file) rmSync(log.file, { force: true })
      for (const wake of log.waiting) wake()
    }
    this.saveTopics()
    for (const group of this.groups.values()) group.offsets.delete(topic.name)
    await this.saveOffsets()
  }

  topic(name: string | null, id = NO_ID): Topic {
    if (name !== null) return this.topics.get(name) ?? fail('UNKNOWN_TOPIC_OR_PARTITION')
    return [...this.topics.values()].find((topic) => topic.id === id) ?? fail('UNKNOWN_TOPIC_ID')
  }

  partition(name: string, index: number) {
    return this.topic(name).partitions[index] ?? fail('UNKNOWN_TOPIC_OR_PARTITION')
  }

  config(topic: Topic, name: string) {
    return topic.configs[name] ?? topicConfigs[name] ?? fail('INVALID_CONFIG')
  }

  /** The ids of the nodes that hold a partition, its leader first. */
  replicas({ replication }: Topic, index: number) {
    return Array.from({ length: replication }, (_, i) => this.nodeAt(index + i).id)
  }

  /** The node that answers for a group or a transactional id. */
  coordinator(key: string) {
    let sum = 0
    for (const byte of Buffer.from(key)) sum += byte
    return this.nodeAt(sum)
  }

  get controller() {
    return this.nodeAt(0)
  }

  private nodeAt(position: number) {
    return this.nodes[position % this.nodes.length] ?? fail('BROKER_NOT_AVAILABLE')
  }

  /** The group of this id, made where there is none. */
  group(id: string) {
    const group = this.groups.get(id) ?? new Group(id, this.settings.initialRebalanceDelay)
    this.groups.set(id, group)
    return group
  }

  /** Ends every timer and waits for what is being written. */
  async close() {
    for (const group of this.groups.values()) group.close()
    this.transactions.close()
    await this.offsetsFile.idle()
  }
}

function uuid() {
  return randomUUID().replaceAll('-', '')
}
