// Which records a Worker has sent to Kafka, and what it was told of them: the proxy between the two writes it down.

import type { Produce, Produced } from './frames.ts'
import { headerOfEach } from './record-headers.ts'

/**
 * How an answer came to the Worker, if one did. `acknowledged` and `failed` were handed to it; `lost` is what a broker
 * never gave, or what the proxy did not pass on; `abandoned` is what the Worker did not wait for, as one that is
 * killed.
 */
export type Outcome = 'acknowledged' | 'failed' | 'lost' | 'abandoned'

/** The records of one partition in one Produce request. All times are ms since the epoch. */
export type Sending = {
  worker: number
  topic: string
  partition: number
  eventIds: string[]
  since: number // when the Worker may have begun to wait: when it got the batch, as a request may be long on its way
  at: number // when the proxy came to the request, which may have waited for those before it
  outcome: Outcome
  endedAt: number // Infinity while there is no answer
}

const UNREAD = 100 // ms an answer may lie in a socket

export type Ledger = ReturnType<typeof openLedger>

/** Of one Worker. */
export function openLedger(worker: number, now = Date.now) {
  const sendings: Sending[] = []
  let batchAt = Infinity // when the latest batch came to the Worker

  function note(sending: Sending, outcome: Outcome) {
    if (sending.endedAt < Infinity) return
    Object.assign(sending, { outcome, endedAt: now() })
  }

  return {
    sendings,
    /** The Worker was given a batch to send. */
    batch: () => void (batchAt = now()),
    /** A connection of the Worker. */
    connection() {
      const own = new Set<Sending>() // that wait for their answers
      const recent: Sending[] = [] // that have them
      let end: Outcome | undefined
      return {
        /** A request is met, which came then. */
        sent({ topics }: Pick<Produce, 'topics'>, came = now()) {
          const at = now()
          const since = Math.min(came, batchAt)
          const made = topics.flatMap(({ name: topic, partitions }) =>
            partitions.map(({ index: partition, records }): Sending => {
              const eventIds = records ? headerOfEach(records, 'ce_id').map((id) => id ?? 'none') : []
              return { worker, topic, partition, eventIds, since, at, outcome: 'lost', endedAt: Infinity }
            }),
          )
          sendings.push(...made)
          for (const sending of made) own.add(sending)
          if (end) for (const sending of made) note(sending, end)
          return made
        },
        /** Its answer was handed to the Worker. */
        answered(made: Sending[], topics: Produced['topics']) {
          const errors = new Map(
            topics.flatMap(({ name, partitions }) => partitions.map((p) => [`${name} ${p.index}`, p.error])),
          )
          for (const sending of made) {
            note(sending, errors.get(`${sending.topic} ${sending.partition}`) === 0 ? 'acknowledged' : 'failed')
            recent.push(sending)
            own.delete(sending)
          }
          while ((recent[0]?.endedAt ?? Infinity) < now() - UNREAD) recent.shift()
        },
        /**
         * It is over, by the Worker (`abandoned`) or by the other side (`lost`): what is unanswered remains so. What
         * was handed over just before may be lost with it, as a connection that is reset takes with it what was not
         * read.
         */
        ended(outcome: Outcome) {
          end ??= outcome // a request may still be on its way, and whoever ended it first is to blame
          for (const sending of own) note(sending, end)
          const unread = recent.filter(({ endedAt }) => endedAt > now() - UNREAD)
          if (end === 'lost') for (const sending of unread) sending.outcome = 'lost'
          recent.length = 0
        },
      }
    },
  }
}
