// The quorum of controllers (KIP-595), which all nodes are here. What the cluster knows is in files, not in a log of
// records: so none of them is ever behind.

import type { Cluster } from '../cluster.ts'
import { KafkaError } from '../errors.ts'
import { DescribeQuorum } from '../protocol/quorum.ts'
import { checkController, endpoint } from './endpoint.ts'

const METADATA = '__cluster_metadata'
const FIRST_EPOCH = 1
const UNKNOWN = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')

export const quorumRequest = (cluster: Cluster) =>
  endpoint(DescribeQuorum, ({ topics }, { node }) => {
    checkController(node)
    const hosts = ({ name, index }: { name: string; index: number }) => name === METADATA && index === 0
    const describe = () => ({
      error: 0,
      message: '',
      leader: cluster.live[0]?.id,
      leaderEpoch: FIRST_EPOCH,
      highWatermark: 0,
      voters: cluster.nodes.map(({ id, live }) => {
        const heard = live ? Date.now() : -1
        return { id, end: 0, lastFetch: heard, lastCaughtUp: heard }
      }),
    })
    const named = topics.flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ name, index })))
    return {
      message: '',
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => ({
          index,
          ...(hosts({ name, index }) ? describe() : { error: UNKNOWN.code, message: UNKNOWN.message }),
        })),
      })),
      nodes: named.some(hosts)
        ? cluster.nodes.map(({ id, host, port }) => ({ id, listeners: [{ name: 'PLAINTEXT', host, port }] }))
        : [],
    }
  })
