// Whether the promises were kept, by what clients were told, what was committed and what Kafka has.

import * as z from 'zod'
import type { Acknowledgement, LoadReport } from './load.ts'
import type { TopicRecord } from './topics.ts'
import type { Change, State } from './truth.ts'

export type Evidence = {
  load: LoadReport
  state: State // when nothing was pending any more
  records: TopicRecord[] // each partition in its order
  topics: { created: string; changed: string }
  firstFaultAt: number // ms since the epoch
}

/** One line of the table. What is a promise has its violations listed: it holds if there is none. */
export type Line = { name: string; value: string; violations?: string[] }
export type Verdict = { lines: Line[]; broken: number }

const CLOCK = 100 // ms by which a Worker's clock may be behind: it stands still until the next I/O

const Payload = z.object({
  type: z.enum(['product.created', 'product.updated', 'product.deleted']),
  product_id: z.number(),
  pname: z.string(),
  price: z.string(),
  quantity: z.number(),
  version: z.number().optional(),
})
type Event = TopicRecord & { eventId: string; change: Change | undefined }

export function judge({ load, state, records, topics, firstFaultAt }: Evidence): Verdict {
  const events = records.map(toEvent)
  const committed = new Map(state.changes.map((change) => [nameOf(change), change]))
  const occurrences = Map.groupBy(events, ({ eventId }) => eventId)
  const firsts = [...occurrences.values()].flatMap(([first]) => first ?? [])
  const published = Map.groupBy(firsts, ({ change }) => (change ? nameOf(change) : 'unreadable'))
  const repeated = [...occurrences.values()].filter(({ length }) => length > 1)
  const duplicates = repeated.flatMap((same) => same.slice(1))
  const waits = firsts.map(({ timestamp, headers }) => timestamp - Date.parse(headers.ce_time ?? '')).sort((a, b) => a - b)
  const promise = (name: string, violations: string[]): Line => ({ name, value: String(violations.length), violations })

  const lines: Line[] = [
    { name: 'acknowledged changes', value: String(load.acknowledged.length) },
    { name: 'committed changes', value: String(committed.size) },
    { name: 'rows', value: String(state.rows.length) },
    { name: 'events', value: String(occurrences.size) },
    promise('acknowledged but not committed', uncommitted(load.acknowledged, state.changes)),
    promise('rows that differ from what was committed', differingRows(state)),
    promise('lost: committed, no event', missing(committed, published)),
    promise('invented: an event, not committed so', invented(firsts, committed, topics)),
    promise('changes with two events', several(published)),
    promise('products made twice by one request', madeTwice(state.changes)),
    promise('out of order within a key, by the first record of each event', disordered(firsts)),
    { name: 'duplicates, by event id', value: String(duplicates.length) },
    { name: 'duplicates behind a newer event', value: String(behindNewer(events)) },
    promise(
      'duplicates with other bytes',
      repeated.filter(differ).map(([first]) => describe(first)),
    ),
    promise(
      'duplicates before the first fault',
      duplicates.filter(({ timestamp }) => timestamp < firstFaultAt - CLOCK).map((event) => describe(event)),
    ),
    promise(
      'left in the outbox',
      Array.from({ length: state.pending }, () => 'an event that waits'),
    ),
    promise(
      'set aside as refused',
      Array.from({ length: state.dead }, () => 'an event in outbox_dead'),
    ),
    { name: 'commit to Kafka, median and longest', value: `${percentile(waits, 0.5)} ms, ${percentile(waits, 1)} ms` },
    { name: 'answers', value: answers(load) },
    { name: 'answers that should not be', value: String(load.unexpected), violations: load.samples },
  ]
  return verdictOf(lines)
}

export const verdictOf = (lines: Line[]): Verdict => ({ lines, broken: lines.filter(({ violations }) => violations?.length).length })

const nameOf = ({ type, id, version }: Change) => `${type} ${id} version ${version}`

function toEvent(record: TopicRecord): Event {
  return {
    ...record,
    eventId: record.headers.ce_id ?? `none at ${record.topic} ${record.partition} ${record.offset}`,
    change: parseChange(record),
  }
}

function parseChange({ value }: TopicRecord): Change | undefined {
  try {
    const { type, product_id: id, pname: name, price, quantity, version = 1 } = Payload.parse(JSON.parse(value))
    return { type, id, version, name, price, quantity }
  } catch {
    return undefined
  }
}

function uncommitted(acknowledged: Acknowledgement[], changes: Change[]) {
  const versions = Map.groupBy(changes, ({ type, id }) => `${type} ${id}`)
  return acknowledged
    .filter(
      ({ type, id, version }) => !versions.get(`${type} ${id}`)?.some((change) => version === undefined || change.version === version),
    )
    .map(({ type, id, version }) => `${type} ${id} version ${version}`)
}

function differingRows({ rows, changes }: State) {
  const last = new Map(changes.map((change) => [change.id, change])) // they come in the order of each row's versions
  const expected = [...last.values()].filter(({ type }) => type !== 'product.deleted').map(({ id, version }) => `${id} version ${version}`)
  const found = new Set(rows.map(({ id, version }) => `${id} version ${version}`))
  return [...expected.filter((name) => !found.has(name)), ...[...found].filter((name) => !expected.includes(name))]
}

const missing = (committed: Map<string, Change>, published: Map<string, Event[]>) =>
  [...committed.keys()].filter((name) => !published.has(name))

function invented(firsts: Event[], committed: Map<string, Change>, topics: Evidence['topics']) {
  const really = ({ change, key, topic, headers }: Event) => {
    const truth = change && committed.get(nameOf(change))
    return (
      truth &&
      change.name === truth.name &&
      change.price === truth.price &&
      change.quantity === truth.quantity &&
      key === String(truth.id) &&
      headers.ce_type === truth.type &&
      topic === (truth.type === 'product.created' ? topics.created : topics.changed)
    )
  }
  return firsts.filter((event) => !really(event)).map((event) => describe(event))
}

const several = (published: Map<string, Event[]>) =>
  [...published]
    .filter(([, events]) => events.length > 1)
    .map(([name, events]) => `${name}: ${events.map(({ eventId }) => eventId).join()}`)

/** Each request names its product as no other does. */
function madeTwice(changes: Change[]) {
  const made = Map.groupBy(
    changes.filter(({ type }) => type === 'product.created'),
    ({ name }) => name,
  )
  return [...made].filter(([, all]) => all.length > 1).map(([name, all]) => `${name}: ${all.map(({ id }) => id).join()}`)
}

/** By the first occurrence of each event: a duplicate may come behind newer events of its key, and a consumer drops it by its id. */
function disordered(firsts: Event[]) {
  const keys = Map.groupBy(firsts, ({ topic, key }) => `${topic} ${key}`)
  return [...keys.values()].flatMap((events) =>
    events
      .filter((event, i) => {
        const before = events[i - 1]
        return before && (before.partition !== event.partition || versionOf(before) >= versionOf(event))
      })
      .map((event) => describe(event)),
  )
}

function behindNewer(events: Event[]) {
  const newest = new Map<string, number>()
  return events.filter((event) => {
    const name = `${event.topic} ${event.key}`
    const before = newest.get(name) ?? 0
    newest.set(name, Math.max(before, versionOf(event)))
    return versionOf(event) < before
  }).length
}

const versionOf = ({ change }: Event) => change?.version ?? 0
const answers = ({ statuses }: LoadReport) =>
  [...statuses]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')
const bytes = ({ topic, key, value, headers }: Event) => JSON.stringify([topic, key, value, headers])
const differ = (same: Event[]) => new Set(same.map(bytes)).size > 1
const percentile = (sorted: number[], share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0

function describe(event: Event | undefined) {
  return event ? `${event.topic.split('.')[1]} ${event.partition}/${event.offset} key ${event.key}: ${event.value} (${event.eventId})` : ''
}
