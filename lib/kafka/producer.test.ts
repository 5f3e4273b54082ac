import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { startKafkaProxy } from '../../local/rig/kafka-proxy/proxy.ts'
import { clusterOf, createTopics, deleteTopics } from '../../local/rig/topics.ts'
import { allManners, startUnkindBroker } from '../../local/rig/unkind-broker.ts'
import { kafkaErrorName } from './errors.ts'
import { leaderOf } from './metadata.ts'
import { openProducer } from './producer.ts'
import { portOf } from '../../local/machine/port-of.ts'

const to = (address: string, more = {}) => openProducer({ KAFKA_BOOTSTRAP_SERVERS: address.split(','), ...more })
const ask = (producer: ReturnType<typeof openProducer>) => producer.describe(['any']).catch((error: unknown) => error)

describe.concurrent.each(allManners)('a broker that is %s', (behaviour) => {
  test('is given up, and no socket survives the producer', async ({ expect }) => {
    await using broker = await startUnkindBroker(behaviour)
    const producer = to(broker.address)
    expect(await ask(producer)).toMatchObject({ name: 'KafkaUnreachable' })
    expect(broker.accepted()).toBeGreaterThan(0)
    await producer.close()
    await expect.poll(broker.open).toBe(0)
    const accepted = broker.accepted()
    expect(await ask(producer)).toMatchObject({ name: 'KafkaUnreachable' })
    expect(broker.accepted()).toBe(accepted)
  })
})

test('after it is closed no socket is opened', async () => {
  await using broker = await startUnkindBroker('silent')
  const producer = to(broker.address)
  await producer.close()
  expect(await ask(producer)).toMatchObject({ message: 'Error: The producer is closed' })
  expect(broker.accepted()).toBe(0)
})

test.each(['silent', 'silent after ApiVersions'] as const)(
  'closing ends what is under way, and waits for no answer that a broker owes that is %s',
  ANEW_IF_BUSY,
  async (behaviour) => {
    await using broker = await startUnkindBroker(behaviour)
    const producer = to(broker.address)
    const asked = ask(producer)
    await expect.poll(broker.received).toBe(behaviour === 'silent' ? 1 : 2)
    await producer.close()
    expect(await asked).toMatchObject({
      name: 'KafkaUnreachable',
      message: expect.stringContaining('The producer is closed'),
    })
    await expect.poll(broker.open).toBe(0)
  },
)

test('a silent bootstrap server does not keep the others from being asked', async () => {
  await using silent = await startUnkindBroker('silent')
  await using other = await startUnkindBroker('hanging up')
  const producer = to(`${silent.address},${other.address}`)
  const asked = ask(producer)
  await expect.poll(other.accepted).toBeGreaterThan(0)
  expect(silent.open()).toBeLessThanOrEqual(1)
  await producer.close()
  await asked
})

test('a port without a broker is given up at once', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  const producer = to(`127.0.0.1:${port}`)
  expect(await ask(producer)).toMatchObject({
    message: expect.stringMatching(/^KafkaJSConnectionError: .*ECONNREFUSED/),
  })
  await producer.close()
})

describe('a connection that is there', () => {
  async function connected() {
    const brokers = inject('services').KAFKA_BOOTSTRAP_SERVERS.split(',')
    const topic = `producer.${crypto.randomUUID()}`
    await createTopics(brokers, [topic])
    const proxy = await startKafkaProxy(await clusterOf(brokers))
    const [address = ''] = proxy.addresses
    const producer = to(address)
    onTestFinished(async () => {
      await producer.close()
      await proxy.close()
      await deleteTopics(brokers, [topic])
    })
    await producer.describe([topic])
    const partition = [0, 1, 2].find((each) => leaderOf(producer.view, topic, each) === address) ?? -1
    return {
      topic,
      proxy,
      producer,
      send: () =>
        producer.at(address, async (connection) => {
          await connection.connected
          await connection.send({ topic, partition, partitions: 3 }, [{ key: 'key', value: 'value' }])
        }),
    }
  }

  test(
    'is not ended for a question that nobody waits for any more: others may be sending by then',
    ANEW_IF_BUSY,
    async () => {
      const { topic, proxy, producer, send } = await connected()
      await proxy.behave('silent')
      const batch = new AbortController()
      const asked = producer.describe([topic], batch.signal)
      batch.abort()
      await setTimeout(1_000) // of the 1.5 s after which the question has failed
      const sent = send()
      sent.catch(() => {}) // it is looked at later
      await expect(asked).rejects.toMatchObject({ name: 'KafkaUnreachable' })
      await proxy.behave('kind')
      await expect(sent).resolves.toBeUndefined()
      expect(proxy.accepted()).toBe(1)
    },
  )

  test(
    'is ended where the broker does not answer in time: the next send would wait behind the last',
    ANEW_IF_BUSY,
    async () => {
      const { proxy, send } = await connected()
      await proxy.behave('silent')
      await expect(send()).rejects.toThrow()
      await proxy.behave('kind')
      await expect(send()).resolves.toBeUndefined()
      expect(proxy.accepted()).toBe(2)
    },
  )
})

describe('over TLS', () => {
  test('a silent broker is given up, and no socket survives the producer', async () => {
    await using broker = await startUnkindBroker('silent')
    const producer = to(broker.address, { KAFKA_TLS: 'true' })
    expect(await ask(producer)).toMatchObject({ name: 'KafkaUnreachable' })
    expect(broker.accepted()).toBeGreaterThan(0)
    await producer.close()
    await expect.poll(broker.open).toBe(0)
  })

  test.each([
    ['one that speaks no TLS', inject('services').KAFKA_BOOTSTRAP_SERVERS, 'KafkaTLSError'],
    ['one that is not there', '127.0.0.1:1', 'KafkaJSConnectionError'],
  ])('%s is told from others by the name of the error', ANEW_IF_BUSY, async (_, address, name) => {
    const producer = to(address, { KAFKA_TLS: 'true' })
    expect(kafkaErrorName(await ask(producer))).toBe(name)
    await producer.close()
  })
})

test('a producer that was never used has nothing to close', async () => {
  await using broker = await startUnkindBroker('silent')
  await to(broker.address).close()
  expect(broker.accepted()).toBe(0)
})
