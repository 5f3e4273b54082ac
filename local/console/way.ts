// The way of one product, from the request to each of the groups, with the ms between the steps. Pure.

import type { ProductRow } from './database.ts'
import type { SeenRecord } from './kafka/ring.ts'
import type { Outcome } from './outcomes.ts'
import { type GroupState, headerOf } from './state.ts'
import type { RequestView } from './products.ts'

/** All moments are ms since 1970 by the clock of the database, which wrote the first of them. */
type Pending = { event_id: string; type: string; at: number; held_for: string | null; hold_error: string | null }
type Dead = { event_id: string; type: string; at: number; error: string }

export type Facts = {
  productId: number
  product: ProductRow | null
  pending: Pending[]
  dead: Dead[]
  records: SeenRecord[]
  requests: RequestView[]
  outcomes: (eventId: string) => Outcome[]
  groups: Pick<GroupState, 'groupId' | 'kind' | 'partitions'>[]
  /** ms that the database's clock is ahead of ours. */
  clock: number
}

export type GroupStep = {
  groupId: string
  /** 'passed': the group is beyond it, and nobody has said what it did with it. */
  state: Outcome['outcome'] | 'waiting' | 'passed'
  /** ms since the change was committed. */
  ms: number | null
  member: string | null
  took: number | null
  attempts: number | null
  again: number
  reason: string | null
}

export type EventWay = {
  eventId: string
  type: string
  /** When the change was committed, by our clock. */
  at: number
  request: { ms: number; status: number } | null
  outbox: { state: 'waiting' | 'held' | 'dead' | 'left'; reason: string | null }
  record: {
    topic: string
    partition: number
    offset: number
    /** ms from the commit until it was surely there: somebody had read it, this page or a group. */
    ms: number | null
  } | null
  groups: GroupStep[]
}

export type Way = { productId: number; product: ProductRow | null; events: EventWay[]; note: string | null }

const SLACK = 1_500 // ms between an answer's arrival here and the commit, at most

export function wayOf(facts: Facts): Way {
  const { productId, product, pending, dead, records, clock } = facts
  const known = new Map<string, Omit<EventWay, 'request' | 'groups'>>()
  for (const record of records) {
    const eventId = headerOf(record, 'ce_id') ?? `${record.topic}:${record.partition}:${record.offset}`
    if (known.has(eventId)) continue // what was published twice has the place of its first record
    const { topic, partition, offset } = record
    const at = record.timestamp - clock
    known.set(eventId, {
      eventId,
      type: headerOf(record, 'ce_type') ?? 'a record without a type',
      at,
      outbox: { state: 'left', reason: null },
      record: { topic, partition, offset, ms: record.live ? Math.max(0, record.readAt - at) : null },
    })
  }
  for (const { event_id: eventId, type, at, held_for, hold_error } of pending) {
    const reason = held_for === null ? null : `${held_for} cannot be written now: ${hold_error ?? 'nobody said why'}`
    const before = known.get(eventId)
    if (before) continue // it is in Kafka, and about to be deleted here
    known.set(eventId, {
      eventId,
      type,
      at: at - clock,
      outbox: { state: held_for === null ? 'waiting' : 'held', reason },
      record: null,
    })
  }
  for (const { event_id: eventId, type, at, error } of dead)
    if (!known.has(eventId))
      known.set(eventId, { eventId, type, at: at - clock, outbox: { state: 'dead', reason: error }, record: null })

  const events = [...known.values()]
    .sort((a, b) => a.at - b.at)
    .map((event) => withReaders({ ...event, ...around(event, facts) }))
  return { productId, product, events, note: noteOf(product, events) }
}

function around(event: Omit<EventWay, 'request' | 'groups'>, { requests, outcomes, groups }: Facts) {
  const request = requests.find(({ at, ms }) => event.at >= at - SLACK && event.at <= at + ms + SLACK)
  const said = outcomes(event.eventId)
  const steps = groups
    .filter(({ kind }) => kind !== 'reader')
    .flatMap((group): GroupStep[] => {
      const outcome = said.find(({ groupId }) => groupId === group.groupId)
      if (outcome) return [reported(outcome, event.at)]
      const nothing = {
        groupId: group.groupId,
        ms: null,
        member: null,
        took: null,
        attempts: null,
        again: 0,
        reason: null,
      }
      const { record } = event
      if (!record) return group.kind === 'app' ? [{ ...nothing, state: 'waiting' }] : []
      const place = group.partitions.find(
        ({ topic, partition }) => topic === record.topic && partition === record.partition,
      )
      if (!place) return group.kind === 'app' ? [{ ...nothing, state: 'waiting' }] : []
      const isPassed = place.committed !== null && place.committed > record.offset
      return [{ ...nothing, state: isPassed ? 'passed' : 'waiting', member: place.owner }]
    })
  return { request: request ? { ms: request.ms, status: request.status } : null, groups: steps }
}

/** A group may have read a record before this page has: it was there then. */
function withReaders(event: EventWay): EventWay {
  const { record, groups } = event
  if (!record) return event
  const moments = [record.ms, ...groups.map(({ ms, took }) => ms && Math.max(0, ms - (took ?? 0)))]
  const known = moments.filter((ms) => ms !== null)
  return { ...event, record: { ...record, ms: known.length ? Math.min(...known) : null } }
}

const reported = (
  { groupId, outcome, at, member, took, attempt, again, reason }: Outcome,
  since: number,
): GroupStep => ({
  groupId,
  state: outcome,
  ms: Math.max(0, at - since),
  member,
  took,
  attempts: attempt,
  again,
  reason: reason ?? null,
})

function noteOf(product: ProductRow | null, events: EventWay[]) {
  if (!product && !events.length) return 'There is no such product, and no event of one.'
  if (!product && events.at(-1)?.type !== 'product.deleted') return 'The product is in Postgres no more.'
  if (!events.length) return 'Its events have left the outbox, and are older than the records that this page has read.'
  return null
}
