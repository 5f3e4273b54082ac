// Passwords of users, as SASL/SCRAM keeps them (KIP-554).

import { throttle } from './common.ts'
import { api, int16, int32, int8, list, nullableList, nullableString, string } from './types.ts'

export const DescribeUserScramCredentials = api(
  50,
  [0, 0],
  0,
  { users: nullableList({ name: string }) },
  {
    throttle,
    error: int16,
    message: nullableString,
    results: list({
      user: string,
      error: int16,
      message: nullableString,
      credentials: list({ mechanism: int8, iterations: int32 }),
    }),
  },
)
