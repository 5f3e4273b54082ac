// What users, clients and addresses may use at most (KIP-546, KIP-612).

import { throttle } from './common.ts'
import { api, bool, float64, int16, int8, list, nullableList, nullableString, string } from './types.ts'

const entity = list({ type: string, name: nullableString }) // a name of null is the default of its type

export const DescribeClientQuotas = api(
  48,
  [0, 1],
  1,
  { components: list({ type: string, matchType: int8, match: nullableString }), strict: bool },
  {
    throttle,
    error: int16,
    message: nullableString,
    entries: nullableList({ entity, values: list({ key: string, value: float64 }) }),
  },
)

export const AlterClientQuotas = api(
  49,
  [0, 1],
  1,
  { entries: list({ entity, changes: list({ key: string, value: float64, remove: bool }) }), validateOnly: bool },
  { throttle, entries: list({ error: int16, message: nullableString, entity }) },
)
