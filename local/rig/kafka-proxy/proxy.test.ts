import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { ANEW_IF_BUSY } from '../busy.ts'
import type { Checkpoint, Step } from '../gate.ts'
import { ERRORS } from './frames.ts'
import { type Behaviour, NO_LEADER } from './behaviour.ts'
import { readTopics } from '../read-topics.ts'
import { startKafkaProxy } from './proxy.ts'
import type { Outcome } from './sendings.ts'
import { clusterOf, createTopics, deleteTopics, partitionsOf } from '../topics.ts'

const brokers = inject('services').KAFKA_BOOTSTRAP_SERVERS.split(',')

/** In ms. KafkaJS gives ApiVersions, by which it connects, as long as the connection. */
type Timeouts = { connectionTimeout: number; requestTimeout: number }
const PATIENT: Timeouts = { connectionTimeout: 30_000, requestTimeout: 30_000 } // what is answered at all is waited for
const HASTY: Timeouts = { ...PATIENT, requestTimeout: 700 } // where no answer is to come in time
const HASTIER: Timeouts = { ...HASTY, connectionTimeout: 500 }

/** A topic, a proxy, and producers that know no other way than the proxy and try a send once. */
async function stage(checkpoint?: Checkpoint) {
  const topic = `proxy.${crypto.randomUUID()}`
  await createTopics(brokers, [topic])
  const proxy = await startKafkaProxy(await clusterOf(brokers), checkpoint && { checkpoint })
  onTestFinished(async () => {
    await proxy.close()
    await deleteTopics(brokers, [topic])
  })
  const retry = { retries: 0, initialRetryTime: 10 }
  const clientOf = (timeouts: Timeouts) =>
    new Kafka({ brokers: proxy.addresses, logLevel: logLevel.NOTHING, retry, ...timeouts })
  /** To a partition each, which is also the id of the event. */
  const sendWithin = async (timeouts: Timeouts, value: string, ...partitions: number[]) => {
    const producer = clientOf(timeouts).producer({ retry })
    const chosen = partitions.length ? partitions : [0]
    try {
      await producer.connect()
      await producer.send({
        topic,
        messages: chosen.map((partition) => ({ value, partition, headers: { ce_id: `${value} ${partition}` } })),
      })
    } finally {
      await producer.disconnect()
    }
  }
  const outcomes = () => proxy.sendings.map(({ eventIds, outcome }) => [eventIds.join(), outcome])
  return {
    topic,
    proxy,
    client: clientOf(PATIENT),
    send: (value: string, ...partitions: number[]) => sendWithin(PATIENT, value, ...partitions),
    sendWithin,
    outcomes,
    values: async () => (await readTopics(brokers, [topic])).map(({ value }) => value),
  }
}

test('a kind one is not noticed', async () => {
  const { send, values, outcomes } = await stage()
  await send('a', 0, 0)
  expect(await values()).toEqual(['a', 'a'])
  expect(outcomes()).toEqual([['a 0,a 0', 'acknowledged']])
})

test('a request that waits for those before it has waited since it came', async () => {
  const { proxy, client, topic } = await stage()
  const producer = client.producer({ retry: { retries: 0 } })
  await producer.connect()
  await producer.send({ topic, messages: [{ value: 'knows the topic' }] })
  await proxy.behave({ slow: 20 })
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((value) => producer.send({ topic, messages: [{ value, partition: 0 }] })),
  )
  await producer.disconnect()
  const [last, , before] = proxy.sendings.toReversed() // KafkaJS may have let the first pass before them
  expect(last?.since).toBeLessThan(before?.at ?? 0)
})

// A busy machine takes 500 ms to connect to one that is silent.
test.each<[Behaviour, Timeouts, string, boolean, Outcome | undefined]>([
  ['refusing', PATIENT, 'Connection error', false, undefined],
  ['silent', HASTIER, 'Request ApiVersions', false, undefined],
  [{ slow: 800 }, HASTY, 'Request Metadata', false, undefined],
  ['hanging up before writing', PATIENT, 'Closed connection', false, 'lost'],
  ['hanging up after writing', PATIENT, 'Closed connection', true, 'lost'],
  [{ lying: ERRORS.NOT_LEADER_OR_FOLLOWER, share: 1 }, PATIENT, 'not the leader', true, 'failed'],
  [{ lying: ERRORS.REQUEST_TIMED_OUT, share: 1 }, PATIENT, 'timed out', true, 'failed'],
])('one that is %o', ANEW_IF_BUSY, async (behaviour, timeouts, message, written, outcome) => {
  const { proxy, send, sendWithin, values, outcomes } = await stage()
  await proxy.behave(behaviour)
  await expect(sendWithin(timeouts, 'a')).rejects.toThrow(message)
  await proxy.behave('kind')
  await send('b')
  expect(new Set(await values())).toEqual(new Set(written ? ['a', 'b'] : ['b']))
  expect(outcomes()).toEqual([...(outcome ? [['a 0', outcome]] : []), ['b 0', 'acknowledged']])
})

// The requests before that of the records may take longer on a busy machine.
test.each<[Step, boolean]>([
  ['before Kafka has the records', false],
  ['after Kafka has the records', true],
])('one that becomes silent %s says nothing of them', ANEW_IF_BUSY, async (step, written) => {
  const held = Promise.withResolvers<void>()
  const { proxy, sendWithin, values, outcomes } = await stage(async (at) => {
    if (at !== step) return
    await proxy.behave('silent')
    held.resolve()
  })
  const sent = expect(sendWithin(HASTY, 'a')).rejects.toThrow('Request Produce')
  await Promise.race([held.promise, sent]) // one that is late before that is not held
  await sent
  expect(await values()).toEqual(written ? ['a'] : [])
  await expect.poll(outcomes).toEqual([['a 0', 'abandoned']])
})

test('a partition without a leader is not written', async () => {
  const { topic, proxy, send, values } = await stage()
  await proxy.behave({ failing: { topic, partition: 1 }, error: ERRORS.NOT_LEADER_OR_FOLLOWER, leader: NO_LEADER })
  await expect(send('a', 1)).rejects.toThrow('no leader') // KafkaJS writes no other of the topic either
  await proxy.behave('kind')
  await send('b', 1)
  expect(await values()).toEqual(['b'])
})

test('a partition with too few replicas is not written, and no other is hindered', async () => {
  const { topic, proxy, send, values, outcomes } = await stage()
  await proxy.behave({ failing: { topic, partition: 1 }, error: ERRORS.NOT_ENOUGH_REPLICAS })
  await expect(send('a', 1)).rejects.toThrow('fewer in-sync replicas')
  await send('b', 0)
  await proxy.behave('kind')
  await send('c', 1)
  expect((await values()).toSorted()).toEqual(['b', 'c'])
  expect(outcomes()).toEqual([
    ['a 1', 'failed'],
    ['b 0', 'acknowledged'],
    ['c 1', 'acknowledged'],
  ])
})

test('of one request, the partition that fails is answered for, and the others are written', async () => {
  const { topic, proxy, send, values, outcomes } = await stage()
  await proxy.behave({ failing: { topic, partition: 1 }, error: ERRORS.NOT_ENOUGH_REPLICAS })
  await expect(send('a', 0, 1, 2)).rejects.toThrow('fewer in-sync replicas')
  expect(await values()).toEqual(['a', 'a'])
  expect(new Set(outcomes().map((each) => each.join(': ')))).toEqual(
    new Set(['a 0: acknowledged', 'a 1: failed', 'a 2: acknowledged']),
  )
})

test('a zombie answers for what it does not lead', async () => {
  const { topic, proxy, send, values } = await stage()
  const ids = (await clusterOf(brokers)).map(({ nodeId }) => nodeId)
  const leader = (await partitionsOf(brokers, [topic])).find(({ partition }) => partition === 0)?.leader
  const zombie = ids.find((id) => id !== leader) ?? ids[0] ?? 0
  await proxy.behave({ failing: { topic, partition: 0 }, error: ERRORS.REQUEST_TIMED_OUT, leader: zombie })
  await expect(send('a')).rejects.toThrow('timed out')
  await proxy.behave('kind')
  await send('b')
  expect(await values()).toEqual(['b'])
})
