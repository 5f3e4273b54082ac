// Every case against the broker that the tests run on: Apache Kafka, or ours.

import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { startNodes } from '../nodes.ts'
import { makeTopics, openBroker } from './broker.ts'
import { AREAS } from './cases/all.ts'
import { DIFFERENCES } from './differences.ts'
import { byReassignment } from './moves.ts'
import { isOurs } from './whose.ts'

const PLAIN_TOPICS = 200 // made by one request, as each takes its time on a real broker
vi.setConfig({ maxConcurrency: 16 }) // most of them wait

const bootstrap = inject('services').KAFKA_BOOTSTRAP_SERVERS.split(',')
const { ours, nodes } = await isOurs(bootstrap)
const cluster = ours ? await startNodes({ log: () => {} }) : undefined
afterAll(() => cluster?.close())

const topics = await makeTopics(bootstrap, PLAIN_TOPICS)
const open = (several: boolean) =>
  cluster && several
    ? openBroker(cluster.brokers, async (_, topic, partition, to) => cluster.moveLeader(topic, partition, to))
    : openBroker(bootstrap, byReassignment, topics)

for (const [area, checks] of Object.entries(AREAS))
  describe.concurrent(area, () => {
    for (const { name, observe, expected, nodes: needed } of checks)
      test(name, { skip: !ours && nodes < needed }, async ({ expect, onTestFinished }) => {
        const kafka = await open(needed > 1)
        onTestFinished(kafka.close)
        const seen = await observe(kafka)
        const difference = ours && DIFFERENCES[`${area}: ${name}`]
        if (difference) expect(seen, `ours differs: ${difference.why}`).toEqual(difference.ours)
        else expect(seen).toEqual(expected)
      })
  })

test('each difference is one of a case', () => {
  const cases = new Map(
    Object.entries(AREAS).flatMap(([area, checks]) => checks.map((each) => [`${area}: ${each.name}`, each.expected])),
  )
  for (const [name, { ours }] of Object.entries(DIFFERENCES)) {
    expect(cases.has(name), name).toBe(true)
    expect(ours, name).not.toEqual(cases.get(name))
  }
})

test('no two cases have one name', () => {
  for (const checks of Object.values(AREAS)) {
    const names = checks.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  }
})
