// KafkaJS's instrumentation events, as reports.

import type { Consumer } from 'kafkajs'
import type { Report } from './reports.ts'

export function reportEvents(consumer: Consumer, report: (report: Report) => void) {
  const { GROUP_JOIN, REBALANCING, HEARTBEAT, COMMIT_OFFSETS, CRASH } = consumer.events

  consumer.on(
    GROUP_JOIN,
    ({ timestamp: at, payload: { memberId, isLeader, duration: took, memberAssignment: assignment } }) =>
      report({ what: 'joined', at, memberId, isLeader, took, assignment: { ...assignment } }),
  )
  consumer.on(REBALANCING, ({ timestamp: at, payload: { memberId } }) => report({ what: 'rebalancing', at, memberId }))
  consumer.on(HEARTBEAT, ({ timestamp: at, payload: { memberId, groupGenerationId: generation } }) =>
    report({ what: 'heartbeat', at, memberId, generation }),
  )
  consumer.on(COMMIT_OFFSETS, ({ timestamp: at, payload: { groupGenerationId: generation, topics } }) =>
    report({
      what: 'committed',
      at,
      generation,
      offsets: topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition: Number(partition), offset })),
      ),
    }),
  )
  consumer.on(CRASH, ({ timestamp: at, payload: { error, restart } }) =>
    report({ what: 'crashed', at, reason: `${error.name}: ${error.message}`, restart }),
  )
}
