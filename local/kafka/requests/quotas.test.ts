// A conversation about quotas as Apache Kafka 4.3.1 has it.

import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker, temporaryFolder } from '../fixtures.ts'
import { AlterClientQuotas, DescribeClientQuotas } from '../protocol/quotas.ts'

const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code
const named = (type: string) => (name: string | null) => ({ type, name })
const [user, client, ip] = [named('user'), named('client-id'), named('ip')]
const [EXACT, DEFAULT, SPECIFIED] = [0, 1, 2]
type Entity = ReturnType<typeof user>[]

async function openQuotas(folder: string | null = null) {
  const { brokers, close } = await startBroker({ folder })
  const ask = await openClient(brokers)
  const alter = async (entity: Entity, values: Record<string, number | null>, validateOnly = false) => {
    const entries = Object.entries(values)
    const changes = entries.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null }))
    return (await ask(AlterClientQuotas, 1, { entries: [{ entity, changes }], validateOnly })).entries[0]
  }
  const describe = async (components: [type: string, matchType: number, match?: string][] = [], strict = false) => {
    const wanted = components.map(([type, matchType, match = null]) => ({ type, matchType, match }))
    const { entries, ...answer } = await ask(DescribeClientQuotas, 1, { components: wanted, strict })
    const quotas = (entries ?? []).map(({ entity, values }) => [
      entity.map(({ name }) => name).join('+'),
      Object.fromEntries(values.map(({ key, value }) => [key, value])),
    ])
    return { ...answer, quotas }
  }
  return { ask, close, alter, describe }
}

test('quotas are told as they were set, to who asks for their entities', async () => {
  const folder = await temporaryFolder()
  const first = await openQuotas(folder)
  await first.alter([user('a')], { producer_byte_rate: 1000, request_percentage: 12.5 })
  await first.alter([user('a'), client('c')], { consumer_byte_rate: 10 })
  await first.alter([user(null)], { consumer_byte_rate: 11 })
  await first.alter([ip('127.0.0.1')], { connection_creation_rate: 5 })
  expect(await first.alter([user('b')], { consumer_byte_rate: 1 }, true)).toMatchObject({ error: 0 })
  await first.close()

  const { alter, describe } = await openQuotas(folder)
  const ofA = ['a', { producer_byte_rate: 1000, request_percentage: 12.5 }]
  const ofClient = ['c+a', { consumer_byte_rate: 10 }]
  const ofAll = ['', { consumer_byte_rate: 11 }]
  expect((await describe()).quotas).toEqual([ofA, ofClient, ofAll, ['127.0.0.1', { connection_creation_rate: 5 }]])
  expect((await describe([['user', EXACT, 'a']])).quotas).toEqual([ofA, ofClient])
  expect((await describe([['user', EXACT, 'a']], true)).quotas).toEqual([ofA])
  expect((await describe([['user', DEFAULT]])).quotas).toEqual([ofAll])
  expect((await describe([['user', SPECIFIED]])).quotas).toEqual([ofA, ofClient, ofAll])
  expect((await describe([['client-id', SPECIFIED]])).quotas).toEqual([ofClient])
  await alter([user('a')], { request_percentage: null, nope: null })
  expect((await describe([['user', EXACT, 'a']], true)).quotas).toEqual([['a', { producer_byte_rate: 1000 }]])
  await alter([user('a')], { producer_byte_rate: null })
  expect((await describe([['user', EXACT, 'a']], true)).quotas).toEqual([])
})

test.each<[Entity, Record<string, number>, string]>([
  [[], {}, 'Invalid empty client quota entity'],
  [[named('group')('x')], {}, 'Unhandled client quota entity type: group'],
  [[user('')], {}, 'Empty user not supported'],
  [[user('x'), ip('127.0.0.1')], {}, 'Invalid quota entity combination'],
  [[ip('nope.invalid')], {}, 'nope.invalid is not a valid IP or resolvable host.'],
  [[user('x')], { nope: 5 }, 'Invalid configuration key nope'],
  [[user('x')], { connection_creation_rate: 5 }, 'Invalid configuration key connection_creation_rate'],
  [[user('x')], { producer_byte_rate: 0 }, 'Quota producer_byte_rate must be greater than 0'],
  [[user('x')], { producer_byte_rate: NaN }, 'Quota producer_byte_rate must be greater than 0'],
  [[user('x')], { producer_byte_rate: 1.5 }, 'producer_byte_rate cannot be a fractional value.'],
  [[user('x')], { producer_byte_rate: 1e30 }, 'Proposed value for producer_byte_rate is too large for a LONG.'],
  [[ip(null)], { connection_creation_rate: 1e30 }, 'value for connection_creation_rate is too large for an INT.'],
])('%j cannot have %j', async (entity, values, message) => {
  const { alter, describe } = await openQuotas()
  const answer = await alter(entity, { ...values })
  expect(answer).toMatchObject({ error: code('INVALID_REQUEST') })
  expect(answer?.message).toContain(message)
  expect((await describe()).quotas).toEqual([])
})

test('two changes of one entity in one request are refused both', async () => {
  const { ask, describe } = await openQuotas()
  const change = { key: 'producer_byte_rate', value: 1, remove: false }
  const [one, two] = [
    { entity: [user('x')], changes: [change] },
    { entity: [user('y')], changes: [change, change] },
  ]
  const { entries } = await ask(AlterClientQuotas, 1, { entries: [one, one, two] })
  expect(entries).toMatchObject([
    { message: 'Ignoring duplicate entity ClientQuotaEntity(entries={user=x})' },
    { message: 'Ignoring duplicate entity ClientQuotaEntity(entries={user=y})' },
  ])
  expect((await describe()).quotas).toEqual([])
})

test.each<[[string, number, string?][], string, ConstructorParameters<typeof KafkaError>[0]]>([
  [[['', SPECIFIED]], 'Invalid empty entity type.', 'INVALID_REQUEST'],
  [[['group', SPECIFIED]], 'Unsupported entity type group', 'UNSUPPORTED_VERSION'],
  [[['user', 7]], 'Unknown match type 7', 'INVALID_REQUEST'],
  [[['user', EXACT]], 'Request specified MATCH_TYPE_EXACT, but set match string to null.', 'INVALID_REQUEST'],
  [[['user', DEFAULT, 'a']], 'Request specified MATCH_TYPE_DEFAULT, but also specified', 'INVALID_REQUEST'],
  [
    [
      ['user', DEFAULT],
      ['user', SPECIFIED],
    ],
    'Entity type user cannot appear more than once',
    'INVALID_REQUEST',
  ],
  [
    [
      ['ip', DEFAULT],
      ['user', SPECIFIED],
    ],
    'Invalid entity filter component combination.',
    'INVALID_REQUEST',
  ],
])('nobody can ask for %j', async (components, message, error) => {
  const { describe } = await openQuotas()
  const answer = await describe(components)
  expect(answer.error).toBe(code(error))
  expect(answer.message).toContain(message)
})
