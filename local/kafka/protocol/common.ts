// Fields that many messages share.
// The layouts beside this file are facts from Kafka's own schemas: clients/src/main/resources/common/message in
// apache/kafka.

import { array, int16, int32, list, string, struct } from './types.ts'

export const throttle = int32 // a pause asked of the client: always zero here
export const unknown = int32.or(-1)
export const operations = int32.or(-2147483648) // authorized operations: not known
export const topicPartition = struct({ name: string, partitions: array(int32) })
export const partitionErrors = list({ name: string, partitions: list({ index: int32, error: int16 }) })
