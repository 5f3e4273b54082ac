import { setTimeout } from 'node:timers/promises'
import { isTransactional } from '../batch.ts'
import type { Cluster } from '../cluster.ts'
import { fail, KafkaError } from '../errors.ts'
import { checkFormat } from '../log/check-format.ts'
import { checkRecords, recordRules } from '../log/check-records.ts'
import { Produce } from '../protocol/records.ts'
import { eachPartition, endpoint, ledPartition } from './endpoint.ts'

const ALL = -1 // acks: only what the in-sync replicas have counts
const { code: TIMED_OUT } = new KafkaError('REQUEST_TIMED_OUT')

/**
 * A node that is cut off from the others cannot reach the ISR: with acks=all it writes nothing, and answers
 * REQUEST_TIMED_OUT after the request's timeout, or earlier, when it is back, as the leader that it is or is not by
 * then. With acks=1 it acknowledges what is lost when it is back, as in Kafka: that is what acks=1 means.
 */
export const produceRequest = (cluster: Cluster) =>
  endpoint(Produce, async ({ transactionalId, topics, acks, timeout }, { node, gone, version }) => {
    const produce = () =>
      eachPartition(topics, (name, index, { records }) => {
        if (acks < ALL || acks > 1) fail('INVALID_REQUIRED_ACKS')
        const { partition, log, isr } = ledPartition(cluster, name, index, node)
        checkFormat(records, version)
        const topic = cluster.topic(name)
        if (
          acks === ALL &&
          isr.length < Math.min(Number(cluster.config(topic, 'min.insync.replicas')), partition.replicas.length)
        )
          fail('NOT_ENOUGH_REPLICAS')
        const config = (setting: string) => cluster.config(topic, setting)
        const [maxBytes, segmentBytes] = [Number(config('max.message.bytes')), Number(config('segment.bytes'))]
        const stale = node.isolation?.partitions.get(partition)
        const rules = recordRules(config)
        const now = Date.now()
        const batch = checkRecords(log.check(records, maxBytes, segmentBytes), rules, `${name}-${index}`, now)
        const { header } = batch
        if (isTransactional(header)) cluster.transactions.checkCovers(transactionalId, header, log)
        if (!stale) {
          const logAppendTime = rules.stamps ? now : -1
          return { baseOffset: log.append(batch, logAppendTime), logAppendTime, logStartOffset: log.start }
        }
        if (acks === ALL) fail('REQUEST_TIMED_OUT')
        const baseOffset = stale.end + stale.lost
        stale.lost += header.count
        return { baseOffset, logStartOffset: log.start }
      })

    let results = produce()
    const waits = results.some(({ partitions }) =>
      partitions.some((result) => 'error' in result && result.error === TIMED_OUT),
    )
    if (node.isolation && waits) {
      const signal = AbortSignal.any([node.isolation.over.signal, gone])
      await setTimeout(timeout, undefined, { signal }).catch(() => {})
      if (!node.isolation && !gone.aborted) results = produce()
    }
    // Kafka says in words only what is wrong with single records.
    const topicResults = results.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((result) => ('recordErrors' in result ? result : { ...result, message: null })),
    }))
    if (acks) return { topics: topicResults }
    // Nobody awaits an answer: a failure shows in the closed connection.
    if (results.some(({ partitions }) => partitions.some((result) => 'error' in result)))
      throw new Error('produce with acks=0 failed')
    return null
  })
