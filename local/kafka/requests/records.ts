import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import type { PartitionLog } from '../log.ts'
import { DeleteRecords, Fetch, ListOffsets, OffsetForLeaderEpoch, Produce } from '../protocol/records.ts'
import { attempt, eachPartition, endpoint, ledLog } from './endpoint.ts'

const READ_COMMITTED = 1
const TOPICS_BY_ID = 13 // since this version of Fetch

export const recordRequests = (cluster: Cluster) => [
  endpoint(Produce, ({ topics, acks }, { node }) => {
    const results = eachPartition(topics, (name, index, { records }) => {
      if (acks < -1 || acks > 1) fail('INVALID_REQUIRED_ACKS')
      const log = ledLog(cluster, name, index, node)
      const baseOffset = log.append(records, Number(cluster.config(cluster.topic(name), 'max.message.bytes')))
      return { baseOffset, logStartOffset: log.start }
    })
    if (acks) return { topics: results }
    // Nobody awaits an answer: a failure shows in the closed connection.
    if (results.some(({ partitions }) => partitions.some((result) => 'error' in result))) throw new Error('produce with acks=0 failed')
    return null
  }),

  endpoint(Fetch, async ({ topics, minBytes, maxBytes, maxWait, isolation }, { node, version, gone }) => {
    const deadline = Date.now() + maxWait
    while (true) {
      let found = 0
      let failed = false
      const logs: PartitionLog[] = []
      const results = topics.map(({ name, id, partitions }) => ({
        name,
        id,
        partitions: partitions.map(({ index, offset, maxBytes: most }) => {
          const result = attempt(() => {
            const log = ledLog(cluster, version < TOPICS_BY_ID ? name : cluster.topic(null, id).name, index, node)
            logs.push(log)
            return log.read(offset, Math.min(most, maxBytes - found), found === 0, isolation === READ_COMMITTED)
          })
          if ('error' in result) failed = true
          else for (const batch of result.records) found += batch.length
          return { index, ...result }
        }),
      }))
      const wait = deadline - Date.now()
      if (found >= minBytes || failed || wait <= 0 || gone.aborted) return { topics: results }
      await appended(logs, wait, gone)
    }
  }),

  endpoint(ListOffsets, ({ topics, isolation }, { node }) => ({
    topics: eachPartition(topics, (name, index, { timestamp }) => ({
      leaderEpoch: 0,
      ...ledLog(cluster, name, index, node).seek(timestamp, isolation === READ_COMMITTED),
    })),
  })),

  endpoint(OffsetForLeaderEpoch, ({ topics }, { node }) => ({
    topics: eachPartition(topics, (name, index, { epoch }) => ({
      epoch: 0,
      endOffset: epoch < 0 ? -1 : ledLog(cluster, name, index, node).end,
    })),
  })),

  endpoint(DeleteRecords, ({ topics }, { node }) => {
    const results = eachPartition(topics, (name, index, { offset }) => ({
      lowWatermark: ledLog(cluster, name, index, node).truncate(offset),
    }))
    cluster.saveTopics()
    return { topics: results }
  }),
]

/** Resolves when one of the logs has grown, after `wait` ms, or when the client is gone. */
const appended = (logs: PartitionLog[], wait: number, gone: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      gone.removeEventListener('abort', done)
      for (const log of logs) log.waiting.delete(done)
      resolve()
    }
    const timer = setTimeout(done, wait)
    gone.addEventListener('abort', done)
    for (const log of logs) log.waiting.add(done)
  })
