import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from './cluster.ts'
import { CLEANER_BACKOFF } from './housekeeping.ts'
import { recordBatch, temporaryFolder } from './fixtures.ts'

function open(folder: string) {
  const nodes = [{ id: 0, host: '127.0.0.1', bind: '127.0.0.1', port: 9092, live: true }]
  const cluster = new Cluster(nodes, { partitions: 1, folder, cleanerBackoff: CLEANER_BACKOFF }, () => {})
  onTestFinished(() => cluster.close())
  return cluster
}
const createTopic = (cluster: Cluster, name: string) => cluster.createTopic(cluster.draftTopic(name, 1), 1)
const append = ({ partitions: [partition] }: ReturnType<typeof createTopic>) =>
  partition?.log.append(partition.log.check(recordBatch(), 1000))
const committed = { topic: 'orders', index: 0, offset: 5, leaderEpoch: 0, metadata: null }

test('a commit survives a kill at any moment after the call, and costs a line', async () => {
  const folder = await temporaryFolder()
  const before = open(folder)
  createTopic(before, 'orders')
  const path = join(folder, 'consumer-offsets.log')
  before.offsets.commit('workers', [committed])
  const { size } = statSync(path)
  before.offsets.commit('workers', [{ ...committed, offset: 6 }])
  expect(statSync(path).size).toBe(2 * size)
  expect(open(folder).group('workers').offsets.get('orders')?.get(0)).toMatchObject({ offset: 6 })
})

test('offsets of before there was a log of them are taken over', async () => {
  const folder = await temporaryFolder()
  createTopic(open(folder), 'orders')
  writeFileSync(join(folder, 'offsets.json'), JSON.stringify([{ group: 'workers', ...committed }]))
  for (let start = 0; start < 2; start++)
    expect(open(folder).group('workers').offsets.get('orders')?.get(0)).toMatchObject({ offset: 5 })
  expect(readdirSync(folder)).not.toContain('offsets.json')
})

test('a topic made under the name of a deleted one has none of its records, offsets or settings', async () => {
  const folder = await temporaryFolder()
  const before = open(folder)
  const topic = createTopic(before, 'orders')
  topic.configs = { 'retention.ms': '1' }
  append(topic)
  before.offsets.commit('workers', [committed])
  before.deleteTopic(topic)
  createTopic(before, 'orders')

  for (const cluster of [before, open(folder)]) {
    expect(cluster.topic('orders')).toMatchObject({ configs: {}, partitions: [{ log: { start: 0, end: 0 } }] })
    expect(cluster.group('workers').offsets.get('orders')).toBeUndefined()
  }
})

test('topics, their settings and where their partitions begin survive a kill at any moment after the call', async () => {
  const folder = await temporaryFolder()
  const before = open(folder)
  const topic = createTopic(before, 'orders')
  append(topic)
  append(topic)
  topic.partitions[0]?.log.truncate(1)
  topic.configs = { 'retention.ms': '1' }
  before.saveTopics()
  before.addPartitions(topic, 2)

  expect(open(folder).topic('orders')).toMatchObject({
    id: topic.id,
    configs: { 'retention.ms': '1' },
    partitions: [{ log: { start: 1, end: 2 } }, { log: { start: 0, end: 0 } }],
  })
})
