import { once } from 'node:events'
import { createServer } from 'node:net'
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs'
import { describe, expect, inject, test } from 'vitest'
import { allManners, startUnkindBroker } from '../local/test/unkind-broker.ts'
import { kafkaErrorName, openProducer, SEND_DEADLINE } from './kafka.ts'

const messages = [{ topic: 'any', messages: [{ key: 'k', value: 'v' }] }]
const SLACK = 1_000 // ms a busy machine may add

describe.concurrent.each(allManners)('a broker that is %s', (manner) => {
  test('fails a send by its deadline, and no socket survives the producer', async ({ expect }) => {
    await using broker = await startUnkindBroker(manner)
    const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] })
    const began = performance.now()
    await expect(producer.send(messages)).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(SEND_DEADLINE + SLACK)
    expect(broker.accepted()).toBeGreaterThan(0)

    const closing = performance.now()
    await producer.close()
    expect(performance.now() - closing).toBeLessThan(500 + SLACK)
    await expect.poll(broker.open).toBe(0)
    const accepted = broker.accepted()
    await expect(producer.send(messages)).rejects.toThrow()
    expect(broker.accepted()).toBe(accepted)
  })
})

test('at the deadline a send stops trying, though the producer is not closed yet', async () => {
  await using broker = await startUnkindBroker('silent after ApiVersions')
  const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] })
  await expect(producer.send(messages)).rejects.toThrow(`Kafka did not answer within ${SEND_DEADLINE} ms`)
  await expect.poll(broker.open, { timeout: 300 }).toBe(0)
  await producer.close()
})

test('after it is closed no socket is opened, though a send is still asked for', async () => {
  await using broker = await startUnkindBroker('silent')
  const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] })
  await producer.close()
  await expect(producer.send(messages)).rejects.toThrow()
  expect(broker.accepted()).toBe(0)
})

test('closing ends a send that is under way, and its sockets', async () => {
  await using broker = await startUnkindBroker('silent')
  const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] })
  const sent = expect(producer.send(messages)).rejects.toThrow()
  await expect.poll(broker.open).toBeGreaterThan(0)
  await producer.close()
  await expect.poll(broker.open, { timeout: 300 }).toBe(0)
  await sent
})

test('closing does not wait for an answer that the broker owes', async () => {
  await using broker = await startUnkindBroker('silent after ApiVersions')
  const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] })
  const sent = expect(producer.send(messages)).rejects.toThrow()
  await expect.poll(broker.received).toBe(2) // the second is never answered, and given up after 1.5 s
  const closing = performance.now()
  await producer.close()
  expect(performance.now() - closing).toBeLessThan(1_200)
  await expect.poll(broker.open, { timeout: 300 }).toBe(0)
  await sent
})

test('a port without a broker fails a send by its deadline', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  server.close()
  await once(server, 'close')
  const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [`127.0.0.1:${port}`] })
  const began = performance.now()
  await expect(producer.send(messages)).rejects.toThrow()
  expect(performance.now() - began).toBeLessThan(SEND_DEADLINE + SLACK)
  await producer.close()
})

describe('over TLS', () => {
  test('a silent broker fails a send by its deadline, and no socket survives the producer', async () => {
    await using broker = await startUnkindBroker('silent')
    const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address], KAFKA_TLS: 'true' })
    const began = performance.now()
    await expect(producer.send(messages)).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(SEND_DEADLINE + SLACK)
    expect(broker.accepted()).toBeGreaterThan(0)
    await producer.close()
    await expect.poll(broker.open, { timeout: 300 }).toBe(0)
  })

  test.each([
    ['one that speaks no TLS', inject('services').KAFKA_BOOTSTRAP_SERVERS, 'KafkaTLSError'],
    ['one that is not there', '127.0.0.1:1', 'KafkaJSConnectionError'],
  ])('%s is told from others by the name of the error', async (_, address, name) => {
    const producer = openProducer({ KAFKA_BOOTSTRAP_SERVERS: address.split(','), KAFKA_TLS: 'true' })
    const error = await producer.send(messages).catch((error: unknown) => error)
    expect(kafkaErrorName(error)).toBe(name)
    await producer.close()
  })
})

test('a producer that was never used has nothing to close', async () => {
  await using broker = await startUnkindBroker('silent')
  await openProducer({ KAFKA_BOOTSTRAP_SERVERS: [broker.address] }).close()
  expect(broker.accepted()).toBe(0)
})

test("an error keeps Kafka's name for it, however deep KafkaJS wraps it", () => {
  const error = new KafkaJSProtocolError(Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', code: 10, retriable: false }))
  expect(kafkaErrorName(error)).toBe('MESSAGE_TOO_LARGE')
  expect(kafkaErrorName(new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 3, retryTime: 50 }))).toBe('MESSAGE_TOO_LARGE')
  expect(kafkaErrorName(new TypeError('other'))).toBe('TypeError')
  expect(kafkaErrorName('text')).toBe('Error')
})
