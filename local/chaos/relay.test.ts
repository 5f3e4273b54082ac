import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Pass, Step } from './gate.ts'
import { ERRORS, type Manner, startRelay } from './relay.ts'
import { clusterOf, createTopics, deleteTopics, readTopics } from './topics.ts'

const brokers = inject('services').KAFKA_BOOTSTRAP_SERVERS.split(',')

/** A topic, a relay, and a producer that knows no other way than the relay and tries a send once. */
async function stage(pass?: Pass) {
  const name = `relay.${crypto.randomUUID()}`
  await createTopics(brokers, [name])
  const relay = await startRelay(await clusterOf(brokers), () => 0, pass)
  onTestFinished(async () => {
    await relay.close()
    await deleteTopics(brokers, [name])
  })
  const send = async (value: string) => {
    const retry = { retries: 0, initialRetryTime: 10 }
    const client = new Kafka({ brokers: relay.addresses, logLevel: logLevel.NOTHING, retry, connectionTimeout: 500, requestTimeout: 700 })
    const producer = client.producer({ retry })
    try {
      await producer.connect()
      await producer.send({ topic: name, messages: [{ value }] })
    } finally {
      await producer.disconnect()
    }
  }
  return { relay, send, values: async () => (await readTopics(brokers, [name])).map(({ value }) => value) }
}

test('a kind one is not noticed', async () => {
  const { send, values } = await stage()
  await send('a')
  expect(await values()).toEqual(['a'])
})

test.each<[Manner, string, boolean]>([
  ['refusing', 'Connection error', false],
  ['silent', 'Request ApiVersions', false],
  [{ slow: 800 }, 'Request ApiVersions', false],
  ['hanging up before writing', 'Closed connection', false],
  ['hanging up after writing', 'Closed connection', true],
  [{ lying: ERRORS.NOT_LEADER_OR_FOLLOWER, share: 1 }, 'not the leader', true],
  [{ lying: ERRORS.REQUEST_TIMED_OUT, share: 1 }, 'timed out', true],
])('one that is %o', async (manner, message, written) => {
  const { relay, send, values } = await stage()
  await relay.behave(manner)
  await expect(send('a')).rejects.toThrow(message)
  await relay.behave('kind')
  await send('b')
  expect(new Set(await values())).toEqual(new Set(written ? ['a', 'b'] : ['b']))
})

test.each<[Step, boolean]>([
  ['before Kafka has the records', false],
  ['after Kafka has the records', true],
])('one that becomes silent %s says nothing of them', async (step, written) => {
  const held = Promise.withResolvers<void>()
  const { relay, send, values } = await stage(async (at) => {
    if (at !== step) return
    await relay.behave('silent')
    held.resolve()
  })
  const sent = expect(send('a')).rejects.toThrow('Request Produce')
  await held.promise
  await sent
  expect(await values()).toEqual(written ? ['a'] : [])
})
