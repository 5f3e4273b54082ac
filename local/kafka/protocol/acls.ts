// Access control lists, which nobody has here (KIP-11, KIP-140).

import { throttle } from './common.ts'
import { api, int16, int8, list, nullableString, string } from './types.ts'

const acl = { principal: string, host: string, operation: int8, permission: int8 }
const resource = { type: int8, name: string, pattern: int8 }
const filter = {
  type: int8,
  name: nullableString,
  pattern: int8,
  principal: nullableString,
  host: nullableString,
  operation: int8,
  permission: int8,
}
const failure = { error: int16, message: nullableString }

export const DescribeAcls = api(29, [1, 3], 2, filter, {
  throttle,
  ...failure,
  resources: list({ ...resource, acls: list(acl) }),
})

export const CreateAcls = api(
  30,
  [1, 3],
  2,
  { creations: list({ ...resource, ...acl }) },
  { throttle, results: list(failure) },
)

export const DeleteAcls = api(
  31,
  [1, 3],
  2,
  { filters: list(filter) },
  { throttle, results: list({ ...failure, matching: list({ ...failure, ...resource, ...acl }) }) },
)
