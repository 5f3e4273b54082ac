import { partitionErrors, throttle, topicPartition } from './common.ts'
import { api, array, bool, int16, int32, int64, nullableString, string } from './types.ts'

export const InitProducerId = api(
  22,
  [0, 5],
  2,
  {
    transactionalId: nullableString,
    timeout: int32,
    producerId: int64.or(-1).since(3),
    epoch: int16.or(-1).since(3),
  },
  { throttle, error: int16, producerId: int64.or(-1), epoch: int16 },
)

export const AddPartitionsToTxn = api(
  24,
  [0, 3],
  3,
  {
    transactionalId: string,
    producerId: int64,
    epoch: int16,
    topics: array(topicPartition),
  },
  { throttle, topics: partitionErrors },
)

export const AddOffsetsToTxn = api(
  25,
  [0, 3],
  3,
  {
    transactionalId: string,
    producerId: int64,
    epoch: int16,
    group: string,
  },
  { throttle, error: int16 },
)

export const EndTxn = api(
  26,
  [0, 3],
  3,
  {
    transactionalId: string,
    producerId: int64,
    epoch: int16,
    committed: bool,
  },
  { throttle, error: int16 },
)
