import { throttle } from './common.ts'
import { api, array, bool, int16, int8, list, nullableArray, nullableString, string } from './types.ts'

export const DescribeConfigs = api(
  32,
  [1, 4],
  4,
  {
    resources: list({ type: int8, name: string, keys: nullableArray(string) }),
    synonyms: bool,
    documentation: bool.since(3),
  },
  {
    throttle,
    results: list({
      error: int16,
      message: nullableString,
      type: int8,
      name: string,
      configs: list({
        name: string,
        value: nullableString,
        readOnly: bool,
        source: int8,
        sensitive: bool,
        synonyms: list({ name: string, value: nullableString, source: int8 }),
        type: int8.since(3),
        documentation: nullableString.since(3),
      }),
    }),
  },
)

const alterations = { throttle, results: list({ error: int16, message: nullableString, type: int8, name: string }) }

export const AlterConfigs = api(
  33,
  [0, 2],
  2,
  {
    resources: list({ type: int8, name: string, configs: list({ name: string, value: nullableString }) }),
    validateOnly: bool,
  },
  alterations,
)

export const IncrementalAlterConfigs = api(
  44,
  [0, 1],
  1,
  {
    resources: list({
      type: int8,
      name: string,
      configs: list({ name: string, operation: int8, value: nullableString }),
    }),
    validateOnly: bool,
  },
  alterations,
)

export const ListConfigResources = api(
  74,
  [0, 1],
  0,
  { types: array(int8).since(1) },
  { throttle, error: int16, resources: list({ name: string, type: int8.or(16).since(1) }) },
)
