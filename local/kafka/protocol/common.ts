// Fields that many messages share.
// The layouts beside this file are facts from Kafka's own schemas: clients/src/main/resources/common/message in
// apache/kafka.

import { array, int16, int32, list, string, struct } from './types.ts'

export const throttle = int32 // a pause asked of the client: always zero here
export const unknown = int32.or(-1)
export const operations = int32.or(-2147483648) // authorized operations: not asked for
export const topicPartition = struct({ name: string, partitions: array(int32) })
export const partitionErrors = list({ name: string, partitions: list({ index: int32, error: int16 }) })

// What a client may do where nobody is refused anything, a bit for each operation. Source: AclOperation in apache/kafka,
// clients/src/main/java/org/apache/kafka/common/acl.
const READ = 1 << 3
const WRITE = 1 << 4
const CREATE = 1 << 5
const DELETE = 1 << 6
const ALTER = 1 << 7
const DESCRIBE = 1 << 8
const CLUSTER_ACTION = 1 << 9
const CONFIGS = (1 << 10) | (1 << 11) // describe and alter them
const IDEMPOTENT_WRITE = 1 << 12
export const OPERATIONS = {
  TOPIC: READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | CONFIGS,
  GROUP: READ | DELETE | DESCRIBE | CONFIGS,
  CLUSTER: CREATE | ALTER | DESCRIBE | CLUSTER_ACTION | CONFIGS | IDEMPOTENT_WRITE,
}
