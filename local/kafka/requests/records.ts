import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { DeleteRecords, Fetch, ListOffsets, OffsetForLeaderEpoch } from '../protocol/records.ts'
import { attempt, checkController, distinctPartitions, eachPartition, endpoint, ledPartition } from './endpoint.ts'

const READ_COMMITTED = 1
const TOPICS_BY_ID = 13 // since this version of Fetch
const [LATEST_TIERED, EARLIEST_PENDING_UPLOAD] = [-5, -6] // instead of a timestamp
const MAX_FETCH = 55 * 1024 * 1024 // bytes, as Kafka's fetch.max.bytes

export const recordRequests = (cluster: Cluster) => [
  endpoint(Fetch, async (request, { node, version, gone }) => {
    const { topics, minBytes, maxBytes, maxWait, isolation, replicaId, sessionId } = request
    if (sessionId !== 0) fail('FETCH_SESSION_ID_NOT_FOUND') // none is ever given
    const wanted = distinctPartitions(topics)
    const bound = Math.min(maxBytes, MAX_FETCH)
    const deadline = Date.now() + maxWait
    while (true) {
      let found = 0
      let failed = false
      const logs: PartitionLog[] = []
      const results = wanted.map(({ name, id, partitions }) => ({
        name,
        id,
        partitions: partitions.map(({ index, leaderEpoch, offset, maxBytes: most }) => {
          const result = attempt(() => {
            if (replicaId >= 0) fail('NOT_LEADER_OR_FOLLOWER') // nobody follows: all replicas are one log
            const topic = version < TOPICS_BY_ID ? name : cluster.topic(null, id).name
            const { log, end } = ledPartition(cluster, topic, index, node, leaderEpoch)
            logs.push(log)
            return log.read(offset, Math.min(most, bound - found), found === 0, isolation === READ_COMMITTED, end)
          })
          if ('error' in result) failed = true
          else for (const batch of result.records) found += batch.length
          return { index, ...result }
        }),
      }))
      const wait = deadline - Date.now()
      if (found >= Math.min(minBytes, bound) || failed || !logs.length || wait <= 0 || gone.aborted)
        return { topics: results }
      await appended(logs, wait, gone)
    }
  }),

  endpoint(ListOffsets, ({ topics, isolation }, { node }) => ({
    topics: eachPartition(distinctPartitions(topics), (name, index, { leaderEpoch, timestamp }) => {
      const { log, epoch, end } = ledPartition(cluster, name, index, node, leaderEpoch)
      if (timestamp < EARLIEST_PENDING_UPLOAD) fail('UNSUPPORTED_VERSION')
      if (timestamp <= LATEST_TIERED) return {} // of a tiered log, which none is (KIP-405, KIP-1023)
      return { leaderEpoch: epoch, ...log.seek(timestamp, isolation === READ_COMMITTED, end) }
    }),
  })),

  endpoint(OffsetForLeaderEpoch, ({ topics }, { node }) => ({
    topics: eachPartition(topics, (name, index, { currentEpoch, epoch }) =>
      ledPartition(cluster, name, index, node, currentEpoch).log.endOfEpoch(epoch),
    ),
  })),

  endpoint(DeleteRecords, ({ topics }, { node }) => {
    const results = eachPartition(topics, (name, index, { offset }) => {
      checkController(node)
      return { lowWatermark: ledPartition(cluster, name, index, node).log.truncate(offset) }
    })
    cluster.saveTopics()
    return { topics: results }
  }),
]

/**
 * Resolves when one of the logs has grown, after `wait` ms, or when the client is gone. However many wait, who wrote the
 * record has its answer before they go on.
 */
const appended = (logs: PartitionLog[], wait: number, gone: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      gone.removeEventListener('abort', done)
      for (const log of logs) log.waiting.delete(goOn)
      resolve()
    }
    const goOn = () => void setImmediate(done)
    const timer = setTimeout(done, wait)
    gone.addEventListener('abort', done)
    for (const log of logs) log.waiting.add(goOn)
  })
