// Users with passwords: there are none here, and none can be made, as nobody is asked for one (KIP-554).

import { KafkaError } from '../errors.ts'
import { DescribeUserScramCredentials } from '../protocol/scram.ts'
import { distinct, endpoint } from './endpoint.ts'

export const scramRequest = () =>
  endpoint(DescribeUserScramCredentials, ({ users }) => {
    const names = (users ?? []).map(({ name }) => name)
    const counts = Map.groupBy(names, (name) => name)
    return {
      message: '',
      results: distinct(names, (name) => name).map((user) => {
        const repeated = (counts.get(user)?.length ?? 0) > 1
        const { code, message } = repeated
          ? new KafkaError(
              'DUPLICATE_RESOURCE',
              `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
            )
          : new KafkaError('RESOURCE_NOT_FOUND', `Attempt to describe a user credential that does not exist: ${user}`)
        return { user, error: code, message }
      }),
    }
  })
