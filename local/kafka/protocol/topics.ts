import { throttle, unknown } from './common.ts'
import { api, array, bool, int16, int32, int8, list, nullableList, nullableString, string, uuid } from './types.ts'

const configs = list({ name: string, value: nullableString })

export const CreateTopics = api(
  19,
  [2, 7],
  5,
  {
    topics: list({
      name: string,
      partitions: int32,
      replication: int16,
      assignments: list({ index: int32, brokers: array(int32) }),
      configs,
    }),
    timeout: int32,
    validateOnly: bool,
  },
  {
    throttle,
    topics: list({
      name: string,
      id: uuid.since(7),
      error: int16,
      message: nullableString,
      partitions: unknown.since(5),
      replication: int16.or(-1).since(5),
      configs: list({ name: string, value: nullableString, readOnly: bool, source: int8, sensitive: bool }).since(5),
    }),
  },
)

export const CreatePartitions = api(
  37,
  [0, 3],
  2,
  {
    topics: list({ name: string, count: int32, assignments: nullableList({ brokers: array(int32) }) }),
    timeout: int32,
    validateOnly: bool,
  },
  { throttle, topics: list({ name: string, error: int16, message: nullableString }) },
)

export const DeleteTopics = api(
  20,
  [1, 6],
  4,
  {
    topics: list({ name: nullableString, id: uuid }).since(6),
    names: array(string).until(5),
    timeout: int32,
  },
  {
    throttle,
    topics: list({ name: nullableString, id: uuid.since(6), error: int16, message: nullableString.since(5) }),
  },
)
