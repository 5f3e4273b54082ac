// Every kind of request the broker answers, by its number in the protocol.

import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { ApiVersions } from '../protocol/metadata.ts'
import { Produce } from '../protocol/records.ts'
import { aclRequests } from './acls.ts'
import { leaderRequests } from './leaders.ts'
import { metadataRequests } from './metadata.ts'
import { committedOffsetRequests } from './committed-offsets.ts'
import { configRequests } from './configs.ts'
import { consumerGroupRequests } from './consumer-groups.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { groupRequests } from './groups.ts'
import { produceRequest } from './produce.ts'
import { recordRequests } from './records.ts'
import { topicRequests } from './topics.ts'
import { transactionRequests } from './transactions.ts'

const SOFTWARE_IS_NAMED = 3 // since this version of ApiVersions (KIP-511)
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

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
    endpoint(ApiVersions, ({ client, clientVersion }, { version }) => {
      const own = ({ key }: Endpoint) => key === ApiVersions.key
      if (version > ApiVersions.max) return { error: new KafkaError('UNSUPPORTED_VERSION').code, apis: all.filter(own) }
      if (version >= SOFTWARE_IS_NAMED && ![client, clientVersion].every((name) => SOFTWARE.test(name)))
        fail('INVALID_REQUEST')
      // librdkafka sends compressed batches only to brokers that claim Produce v0; Kafka 4 claims it for that reason.
      return { apis: all.map(({ key, min, max }) => ({ key, min: key === Produce.key ? 0 : min, max })) }
    }),
  ]
  return new Map(all.map((each) => [each.key, each]))
}
