import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker } from '../fixtures.ts'
import { ApiVersions } from '../protocol/metadata.ts'

const software = { client: 'apache-kafka-java', clientVersion: '4.3.1' }

test('tools are told the version of Kafka, and what is not there as not finalized', async () => {
  const ask = await openClient((await startBroker()).brokers)
  const { supported, finalized, finalizedEpoch } = await ask(ApiVersions, 4, software)
  expect(finalizedEpoch).toBeGreaterThanOrEqual(0)
  expect(supported).toContainEqual({ name: 'metadata.version', min: 7, max: 30 })
  expect(finalized).toEqual([
    { name: 'group.version', min: 1, max: 1 },
    { name: 'metadata.version', min: 30, max: 30 }, // 4.3-IV0
    { name: 'transaction.version', min: 1, max: 1 },
  ])
  for (const name of ['share.version', 'streams.version', 'eligible.leader.replicas.version', 'kraft.version'])
    expect(supported).toContainEqual({ name, min: 0, max: 0 })
})

test('a client of before there was a level 0 is told no feature that begins with it', async () => {
  const ask = await openClient((await startBroker()).brokers)
  const { supported, finalized } = await ask(ApiVersions, 3, software)
  expect(supported).toEqual([{ name: 'metadata.version', min: 7, max: 30 }])
  expect(finalized).toHaveLength(3)
  expect(await ask(ApiVersions, 2, {})).toMatchObject({ error: 0, supported: [], finalized: [], finalizedEpoch: -1 })
})

test.each([
  ['', '1'],
  ['a client', '1'],
  ['client', '-1'],
])('a client that names itself %j, version %j, is refused', async (client, clientVersion) => {
  const ask = await openClient((await startBroker()).brokers)
  const { code } = new KafkaError('INVALID_REQUEST')
  expect(await ask(ApiVersions, 4, { client, clientVersion })).toMatchObject({ error: code, apis: [] })
})
