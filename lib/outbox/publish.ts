// Sends a batch, each partition on its own: what one comes to says nothing of another.

import { type Connection, SEND_DEADLINE } from '../kafka/connection.ts'
import { isUnknownType } from '../products/events.ts'
import { kafkaErrorName, topicErrorName } from '../kafka/errors.ts'
import { leaderOf } from '../kafka/metadata.ts'
import type { Producer } from '../kafka/producer.ts'
import { log } from '../log.ts'
import { place, type Place } from './places.ts'
import { refusalOf } from './refusals.ts'
import type { PendingEvent } from './rows.ts'
import { type Aside, LEASE } from './statements.ts'

const PATIENCE = 1_000 // ms that all others wait for the leader of a partition that was held back: it may still be away
const TRIES = 3 // times that a partition is looked for, before it is left alone for a while

// A record batch of Kafka's default for message.max.bytes, 1,048,588, with room for what surrounds the payloads:
// https://kafka.apache.org/documentation/#brokerconfigs_message.max.bytes
const CHUNK_BYTES = 800_000
const CHUNK_EVENTS = 1_000
const AROUND = 500 // bytes of key, headers and lengths

/** What a publisher keeps from batch to batch. */
export type Publisher = {
  producer: Producer
  topicOf: (event: PendingEvent) => string
  tries: Map<string, number> // how often a topic or partition was looked for in vain, in a row
  now: () => number
}

/** What came of a batch. What is in none of the lists is to be read again. */
export type Outcome = Aside & {
  acknowledged: number[] // ids of what Kafka has
  soon: boolean // whether something is to be tried again in a moment
  unreachable: unknown // the reason, where no broker could be reached
}

type Failure = {
  target: string
  topic: string
  address?: string | undefined
  error: string
  connected: boolean
  left: PendingEvent[]
  progressed: boolean
}

/**
 * Sends what can be sent of the events, those of each partition in order. `asked` is when the lease was asked for, in
 * ms since the epoch: no send starts when its answer could outlast the lease, and who is not connected by then is left
 * for the next batch.
 */
export async function publish(
  events: PendingEvent[],
  held: Set<string>,
  asked: number,
  publisher: Publisher,
): Promise<Outcome> {
  const { producer, topicOf, tries, now } = publisher
  const outcome: Outcome = {
    acknowledged: [],
    waiting: [],
    failing: [],
    refused: [],
    soon: false,
    unreachable: undefined,
  }
  const startBy = asked + LEASE - SEND_DEADLINE
  const timer = new AbortController()
  const after = (ms: number) =>
    new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, ms)
      timer.signal.addEventListener('abort', () => clearTimeout(timeout))
    })
  const tooLate = after(Math.max(0, startBy - now()))
  const patience = after(Math.max(0, Math.min(PATIENCE, startBy - now())))

  /** Whether the view says of the topics what brokers say now. */
  async function describe(topics: Iterable<string>) {
    const described = producer.describe([...topics], timer.signal).then(
      () => true,
      (error: unknown) => {
        outcome.unreachable = error
        return false
      },
    )
    return Promise.race([described, tooLate.then(() => false)])
  }

  try {
    const unknown = new Set(
      events.map(topicOf).filter((topic) => !isUnknownType(topic) && !producer.view.topics.get(topic)?.leaders.length),
    )
    if (unknown.size && !(await describe(unknown))) return outcome
    const { places, waiting, topics } = place(events, producer.view, topicOf, held)
    outcome.waiting.push(...waiting)

    const failures: Failure[] = [...topics].map(([topic, left]) => {
      const error = isUnknownType(topic)
        ? 'UNKNOWN_EVENT_TYPE'
        : topicErrorName(producer.view.topics.get(topic)?.error ?? 3)
      return { target: topic, topic, error, connected: true, left, progressed: false }
    })
    await Promise.all(places.map((to) => sendTo(to)))
    await meet(failures)

    async function sendTo(to: Place) {
      const { target, topic, address } = to
      const dealtWith = new Set<number>()
      let connected = false
      let progressed = false
      const failed = (error: string) => {
        const left = to.events.filter(({ id }) => !dealtWith.has(id))
        failures.push({ target, topic, address, error, connected, left, progressed })
      }
      if (address === undefined) return failed('LEADER_NOT_AVAILABLE')

      /** Gives whether the next may be sent: not when these are still to be sent. */
      async function send(connection: Connection, some: PendingEvent[]): Promise<boolean> {
        if (now() > startBy) return false
        try {
          await connection.send(to, some.map(toMessage))
          outcome.acknowledged.push(...some.map(({ id }) => id))
          for (const { id } of some) dealtWith.add(id)
          progressed = true
          tries.delete(target)
          return true
        } catch (error) {
          const name = kafkaErrorName(error)
          const refusal = refusalOf(name)
          const [event] = some
          if (some.length > 1 && (refusal === 'too large' || refusal === 'invalid')) {
            const middle = Math.ceil(some.length / 2)
            return (await send(connection, some.slice(0, middle))) && (await send(connection, some.slice(middle)))
          }
          if (event && refusal === 'too large') {
            refuse(event, name)
            return true
          }
          failed(name)
          return false
        }
      }
      const refuse = (event: PendingEvent, error: string) => {
        outcome.refused.push({ id: event.id, error })
        dealtWith.add(event.id)
        log('error', 'Kafka refuses an event for good', { target, key: event.key, eventId: event.headers.ce_id, error })
      }

      let givenUp = false // a connection may come about at any time
      let sending: Promise<void> | undefined
      const sent = producer.at(address, async (connection) => {
        try {
          await connection.connected
        } catch (error) {
          return failed(kafkaErrorName(error))
        }
        if (givenUp) return
        connected = true
        for (const event of to.events) if (event.payload === null) refuse(event, 'MESSAGE_TOO_LARGE')
        sending = (async () => {
          for (const chunk of chunks(to.events.filter(({ id }) => !dealtWith.has(id))))
            if (!(await send(connection, chunk))) return
        })()
        await sending
      })
      sent.catch(() => {}) // the producer is closed
      const end = to.events.every((event) => event.target === target) ? patience : tooLate
      await Promise.race([
        sent,
        end.then(() => {
          givenUp = !sending // who has not begun by then does not begin any more
          return sending
        }),
      ])
    }

    /** Leaves failures alone for a while, or looks once more where a partition has moved. */
    async function meet(failures: Failure[]) {
      const looking = failures.filter(({ connected, error }) => !connected || refusalOf(error) === 'moved')
      if (looking.length) await describe(new Set(looking.map(({ topic }) => topic)))
      for (const { target, topic, address, error, connected, left, progressed } of failures) {
        const count = (tries.get(target) ?? 0) + 1
        const moved = leaderOf(producer.view, topic, Number(target.slice(topic.length + 1))) !== address
        const lookAgain = connected ? looking.some((each) => each.target === target) : moved
        if (lookAgain && count < TRIES) {
          tries.set(target, count)
          outcome.soon = true
          continue
        }
        tries.delete(target)
        log('error', 'events wait for what cannot be written', { target, error })
        for (const { id, target: own } of left) if (own !== target) outcome.waiting.push({ id, target })
        outcome.failing.push({ target, error, progressed })
      }
    }
    return outcome
  } finally {
    timer.abort()
  }
}

const toMessage = ({ key, payload, headers, at }: PendingEvent) => ({
  key,
  value: payload,
  headers,
  timestamp: String(at),
})

/** Consecutive events that fit into one record batch. */
function* chunks(events: PendingEvent[]) {
  let chunk: PendingEvent[] = []
  let bytes = 0
  for (const event of events) {
    const size = event.size + AROUND
    if (chunk.length === CHUNK_EVENTS || (chunk.length && bytes + size > CHUNK_BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(event)
    bytes += size
  }
  if (chunk.length) yield chunk
}
