// What the brokers hold in common: nodes, topics, groups, transactions, and the folder they are kept in.

import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommittedOffsets } from './committed-offsets.ts'
import { fail } from './errors.ts'
import { Group } from './group.ts'
import { type Housekeeping, keepHouse } from './housekeeping.ts'
import { readJson, writeJson } from './json-file.ts'
import { takeOver, REMOVED } from './log/log-folder.ts'
import { PartitionLog } from './log/partition-log.ts'
import { openStorage, type Storage } from './log/storage.ts'
import { ClusterFile, savedTopic, soundConfigs, TopicsFile } from './metadata-files.ts'
import type { Node } from './node.ts'
import { type Decide, elect, type Partition, type Replicated, type Topic } from './partition.ts'
import { inSync, placed, replicasOf } from './placement.ts'
import { openQuotas } from './quotas.ts'
import { checkConfigNames, topicConfigs } from './topic-configs.ts'
import { logName, metricOf } from './topic-names.ts'
import { checkGrowth, checkNewTopic, checkRoom, checkTopicName } from './topic-rules.ts'
import { Transactions } from './transactions.ts'

type Placed = { start?: number; lastEpoch?: number; replicas?: number[] }
export type Settings = { partitions: number; folder: string | null; cleanerBackoff: number }

const uuid = () => randomUUID().replaceAll('-', '')
const NO_ID = '0'.repeat(32)
const MAX_REPLICATION = 3 // unless more are asked for

export class Cluster {
  id = Buffer.from(uuid(), 'hex').toString('base64url')
  nodes: Node[]
  settings: Settings
  topics = new Map<string, Topic>()
  groups = new Map<string, Group>()
  offsets = new CommittedOffsets(this.groups, (id) => this.group(id))
  transactions = new Transactions((group, offsets) => this.offsets.commit(group, offsets))
  quotas: ReturnType<typeof openQuotas>
  replication: number
  defaultConfigs: Record<string, string>
  /** Groups and transactional ids are shared out among the nodes by parts, each of which is led like a partition. */
  coordinations: Replicated[]
  housekeeping: Housekeeping
  private storage: Storage
  private metrics = new Map<string, string>() // names of topics, by what metrics call them
  private partitionCount = 0
  private gathering = false // changes of topics, for one write
  private gathered = false

  constructor(nodes: Node[], settings: Settings, report: (message: string) => void) {
    this.nodes = nodes
    this.settings = settings
    this.storage = openStorage(report)
    this.replication = Math.min(MAX_REPLICATION, nodes.length)
    this.defaultConfigs = { ...topicConfigs, 'min.insync.replicas': nodes.length > 1 ? '2' : '1' }
    this.coordinations = nodes.map((_, index) => placed(nodes, replicasOf(nodes, index, nodes.length), 0))
    if (settings.folder) this.load(settings.folder)
    this.quotas = openQuotas(settings.folder && join(settings.folder, 'quotas.json'))
    this.housekeeping = keepHouse(() => this.logs(), settings.cleanerBackoff, report)
  }

  private logs() {
    return [...this.topics.values()].flatMap(({ partitions }) => partitions.map(({ log }) => log))
  }

  private load(folder: string) {
    mkdirSync(folder, { recursive: true })
    const cluster = readJson(join(folder, 'cluster.json'), ClusterFile)
    if (cluster) this.id = cluster.id
    else writeJson(join(folder, 'cluster.json'), { id: this.id } satisfies ClusterFile)

    const files = readdirSync(folder)
    for (const file of files) if (file.endsWith(REMOVED)) rmSync(join(folder, file), { recursive: true, force: true })
    for (const { starts, epochs, replicas, ...draft } of readJson(join(folder, 'topics.json'), TopicsFile) ?? []) {
      for (const [index, start] of starts.entries()) {
        const today = join(folder, logName(draft, index))
        for (const former of [`${draft.name}-${index}.log`, `${logName(draft, index)}.log`])
          if (files.includes(former)) takeOver(join(folder, former), today, start)
      }
      const topic: Topic = { ...draft, configs: soundConfigs(draft.configs), partitions: [] }
      for (const [index, start] of starts.entries())
        this.addPartition(topic, { start, lastEpoch: epochs[index], replicas: replicas[index] })
      this.topics.set(topic.name, topic)
      this.metrics.set(metricOf(topic.name), topic.name)
    }
    this.offsets.load(folder, this.storage, (topic) => this.topics.has(topic))
    const logOf = (topic: string, index: number) => this.topics.get(topic)?.partitions[index]?.log
    this.transactions.load(join(folder, 'transaction-state.log'), this.storage, logOf)
    this.transactions.recover(this.logs())
  }

  /** `lastEpoch` is of a partition that was led before: its next leader must be told from all former ones. */
  private addPartition(topic: Topic, { start = 0, lastEpoch = -1, replicas }: Placed = {}) {
    const { folder } = this.settings
    const { partitions } = topic
    const index = partitions.length
    const log = new PartitionLog({
      topic: topic.name,
      index,
      path: folder && join(folder, logName(topic, index)),
      start,
      storage: this.storage,
      config: (name) => this.config(topic, name),
    })
    const chosen = replicas?.every((id) => this.nodes.some((node) => node.id === id)) ? replicas : undefined
    const where = chosen ?? replicasOf(this.nodes, index, topic.replication)
    const replicated = placed(this.nodes, where, Math.max(lastEpoch, log.epoch) + 1)
    log.lead(replicated.epoch)
    partitions.push({ ...replicated, log })
    this.partitionCount++
  }

  get live() {
    return this.nodes.filter(({ live }) => live)
  }

  /** Puts in force what `decide` says of each partition and of each part of the coordination. */
  settle(decide: Decide = elect) {
    const live = new Set(this.live.map(({ id }) => id))
    const changed = <R extends Replicated>(all: R[]) =>
      all.filter((each) => {
        const { epoch } = each
        return Object.assign(each, decide(each, live)).epoch !== epoch
      })
    const partitions = changed([...this.topics.values()].flatMap((topic) => topic.partitions))
    if (partitions.length) this.saveTopics()
    for (const { log, epoch } of partitions) log.lead(epoch)
    const coordinations = changed(this.coordinations)
    for (const group of this.groups.values()) if (coordinations.includes(this.coordination(group.id))) group.moved()
  }

  /** `work` for each; what it changes of topics is on disk when this returns, in one write. */
  saving<T, R>(each: T[], work: (item: T) => R): R[] {
    this.gathering = true
    try {
      return each.map(work)
    } finally {
      this.gathering = false
      if (this.gathered) this.saveTopics()
    }
  }

  /** Topics change seldom, and nobody may use one that a kill could take away: this returns when they are on disk. */
  saveTopics() {
    const { folder } = this.settings
    this.gathered = this.gathering
    if (!folder || this.gathering) return
    const topics = [...this.topics.values()].map((topic) =>
      savedTopic(topic, (index) => replicasOf(this.nodes, index, topic.replication)),
    )
    writeJson(join(folder, 'topics.json'), topics satisfies TopicsFile)
  }

  /** A topic that is not there yet, nor made by this. */
  draftTopic(name: string, count: number, replication = this.replication, configs: Record<string, string> = {}): Topic {
    checkTopicName(name)
    if (this.topics.has(name)) fail('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
    const similar = this.metrics.get(metricOf(name))
    if (similar !== undefined)
      fail('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topic: ${similar}`)
    checkNewTopic(name, count, replication, this.nodes.length)
    checkRoom(this.partitionCount, count)
    checkConfigNames(configs)
    return { name, id: uuid(), partitions: [], replication, configs }
  }

  /** `replicas`: those of each partition, where an operator has chosen them. */
  createTopic(topic: Topic, count: number, replicas: number[][] = []) {
    this.topics.set(topic.name, topic)
    this.metrics.set(metricOf(topic.name), topic.name)
    this.addPartitions(topic, count, replicas)
    return topic
  }

  checkGrowth(topic: Topic, count: number) {
    checkGrowth(topic, count)
    checkRoom(this.partitionCount, count - topic.partitions.length)
  }

  addPartitions(topic: Topic, count: number, replicas: number[][] = []) {
    for (const [added] of Array.from({ length: count - topic.partitions.length }).entries())
      this.addPartition(topic, { replicas: replicas[added] })
    this.saveTopics()
  }

  /** Gives the partition other replicas, of which one must live. */
  reassign(partition: Partition, replicas: number[]) {
    Object.assign(partition, { replicas, isr: inSync(this.nodes, replicas) })
    this.settle()
    this.saveTopics()
  }

  deleteTopic(topic: Topic) {
    this.topics.delete(topic.name)
    this.metrics.delete(metricOf(topic.name))
    this.partitionCount -= topic.partitions.length
    // Before the topic's name, so that a kill between the two leaves it empty, and not its records to a later topic of
    // that name.
    for (const { log } of topic.partitions) log.remove()
    this.saveTopics()
    this.offsets.forgetTopic(topic.name)
  }

  topic(name: string | null, id = NO_ID): Topic {
    if (name !== null) return this.topics.get(name) ?? fail('UNKNOWN_TOPIC_OR_PARTITION')
    return [...this.topics.values()].find((topic) => topic.id === id) ?? fail('UNKNOWN_TOPIC_ID')
  }

  partition(name: string, index: number) {
    return this.topic(name).partitions[index] ?? fail('UNKNOWN_TOPIC_OR_PARTITION')
  }

  config(topic: Topic, name: string) {
    return topic.configs[name] ?? this.defaultConfigs[name] ?? fail('INVALID_CONFIG')
  }

  /** Which part of the coordination a group or a transactional id belongs to. */
  coordination(key: string) {
    let sum = 0
    for (const byte of Buffer.from(key)) sum += byte
    return this.coordinations[sum % this.coordinations.length] ?? fail('COORDINATOR_NOT_AVAILABLE')
  }

  /** The group of this id, made where there is none. */
  group(id: string) {
    const group = this.groups.get(id) ?? new Group(id)
    this.groups.set(id, group)
    return group
  }

  /** Ends every timer and waits for what is being written. */
  async close() {
    for (const group of this.groups.values()) group.close()
    this.transactions.close()
    await this.housekeeping.close()
    await this.storage.close()
  }
}
