import { expect, test } from 'vitest'
import { KafkaError } from '../errors.ts'
import { openClient, startBroker } from '../fixtures.ts'
import { DescribeUserScramCredentials } from '../protocol/scram.ts'

test('there is no user with a password', async () => {
  const ask = await openClient((await startBroker()).brokers)
  expect(await ask(DescribeUserScramCredentials, 0, { users: null })).toMatchObject({ error: 0, results: [] })
  const users = [{ name: 'a' }, { name: 'b' }, { name: 'b' }]
  expect((await ask(DescribeUserScramCredentials, 0, { users })).results).toMatchObject([
    {
      user: 'a',
      error: new KafkaError('RESOURCE_NOT_FOUND').code,
      message: 'Attempt to describe a user credential that does not exist: a',
    },
    { user: 'b', error: new KafkaError('DUPLICATE_RESOURCE').code },
  ])
})
