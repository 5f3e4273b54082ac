// Every kind of request the broker answers, by its number in the protocol.

import type { Cluster } from '../cluster.ts'
import { aclRequests } from './acls.ts'
import { apiVersionsRequest } from './api-versions.ts'
import { leaderRequests } from './leaders.ts'
import { metadataRequests } from './metadata.ts'
import { committedOffsetRequests } from './committed-offsets.ts'
import { configRequests } from './configs.ts'
import { consumerGroupRequests } from './consumer-groups.ts'
import type { Endpoint } from './endpoint.ts'
import { groupRequests } from './groups.ts'
import { produceRequest } from './produce.ts'
import { quorumRequest } from './quorum.ts'
import { quotaRequests } from './quotas.ts'
import { recordRequests } from './records.ts'
import { scramRequest } from './scram.ts'
import { topicPartitionsRequest } from './topic-partitions.ts'
import { topicRequests } from './topics.ts'
import { transactionStateRequests } from './transaction-states.ts'
import { transactionRequests } from './transactions.ts'

export function endpoints(cluster: Cluster): Map<number, Endpoint> {
  const all: Endpoint[] = [
    produceRequest(cluster),
    ...recordRequests(cluster),
    ...committedOffsetRequests(cluster),
    ...groupRequests(cluster),
    ...consumerGroupRequests(cluster),
    ...transactionRequests(cluster),
    ...topicRequests(cluster),
    ...configRequests(cluster),
    ...metadataRequests(cluster),
    ...leaderRequests(cluster),
    ...aclRequests(),
    quorumRequest(cluster),
    topicPartitionsRequest(cluster),
    scramRequest(),
    ...transactionStateRequests(cluster),
    ...quotaRequests(cluster),
    apiVersionsRequest(() => all),
  ]
  return new Map(all.map((each) => [each.key, each]))
}
