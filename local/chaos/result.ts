// Whether the promises were kept, by what clients were told, what was committed, what was sent and what Kafka has.

import * as check from './checks.ts'
import { describe, type Event, nameOf, toEvent } from './events.ts'
import type { LoadReport } from './load-report.ts'
import type { TopicRecord } from '../rig/read-topics.ts'
import { type Disturbance, type Repeat, repeatsOf } from './repeats.ts'
import type { Sending } from '../rig/kafka-proxy/sendings.ts'
import type { State } from '../rig/history.ts'
import { percentile } from '../rig/percentile.ts'

export type Evidence = {
  load: LoadReport
  state: State // when nothing was pending any more
  records: TopicRecord[] // each partition in its order
  sendings: Sending[]
  disturbances: Disturbance[]
  topics: { created: string; changed: string }
}

/** One line of the table. What is a promise has its violations listed: it holds if there is none. */
export type Line = { name: string; value: string; violations?: string[] }
export type Result = { lines: Line[]; broken: number }

export function judge({ load, state, records, sendings, disturbances, topics }: Evidence): Result {
  const events = records.map(toEvent)
  const committed = new Map(state.changes.map((change) => [nameOf(change), change]))
  const occurrences = Map.groupBy(events, ({ eventId }) => eventId)
  const firsts = [...occurrences.values()].flatMap(([first]) => first ?? [])
  const published = Map.groupBy(firsts, ({ change }) => (change ? nameOf(change) : 'unreadable'))
  const repeated = [...occurrences.values()].filter(({ length }) => length > 1)
  const repeats = repeatsOf(sendings, disturbances)
  const waits = waitsOf(firsts, sendings).sort((a, b) => a - b)

  return resultOf([
    figure('acknowledged changes', load.acknowledged.length),
    figure('committed changes', committed.size),
    figure('rows', state.rows.length),
    figure('events', occurrences.size),
    promise('acknowledged but not committed', check.uncommitted(load.acknowledged, state.changes)),
    promise('rows that differ from what was committed', check.differingRows(state)),
    promise('lost: committed, no event', check.missing(committed, published)),
    promise('invented: an event, not committed so', check.invented(firsts, committed, topics)),
    promise('changes with two events', check.several(published)),
    promise('products made twice by one request', check.madeTwice(state.changes)),
    promise('out of order within a key, by the first record of each event', check.disordered(firsts)),
    promise('on two partitions of a topic: records of one key', check.scattered(events)),
    figure('duplicates, by event id', events.length - occurrences.size),
    figure('duplicates behind a newer event', check.behindNewer(events)),
    promise(
      'duplicates with other bytes',
      repeated.filter(differ).flatMap(([first]) => (first ? [describe(first)] : [])),
    ),
    figure('repeats, by their excuse', tally(repeats.map(({ excuse }) => excuse))),
    promise('needless repeats', repeats.filter(({ excuse }) => excuse === 'none').map(describeRepeat)),
    promise('records that no proxy has seen', check.unseen(events, sendings)),
    promise('left in the outbox', Array(state.pending).fill('an event that waits')),
    promise('set aside as refused', Array(state.dead).fill('an event in outbox_dead')),
    figure('commit to acknowledgement, median and longest', `${percentile(waits, 0.5)} ms, ${percentile(waits, 1)} ms`),
    figure('answers', tally([...load.statuses].flatMap(([status, count]) => Array<string>(count).fill(status)))),
    { name: 'answers that should not be', value: String(load.unexpected), violations: load.samples },
  ])
}

export const resultOf = (lines: Line[]): Result => ({
  lines,
  broken: lines.filter(({ violations }) => violations?.length).length,
})

const figure = (name: string, value: string | number): Line => ({ name, value: String(value) })
export const promise = (name: string, violations: string[]): Line => ({
  name,
  value: String(violations.length),
  violations,
})

/** ms from the commit of each event to its first acknowledgement. */
function waitsOf(firsts: Event[], sendings: Sending[]) {
  const acknowledged = new Map<string, number>()
  for (const { outcome, eventIds, endedAt } of sendings)
    if (outcome === 'acknowledged')
      for (const id of eventIds) acknowledged.set(id, Math.min(endedAt, acknowledged.get(id) ?? Infinity))
  return firsts.flatMap(({ eventId, headers }) => {
    const at = acknowledged.get(eventId)
    return at === undefined ? [] : [at - Date.parse(headers.ce_time ?? '')]
  })
}

const bytes = ({ topic, key, value, headers }: Event) => JSON.stringify([topic, key, value, headers])
const differ = (same: Event[]) => new Set(same.map(bytes)).size > 1

function tally(names: string[]) {
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, { length }]) => `${name}: ${length}`)
  return counts.sort((a, b) => a.localeCompare(b)).join(', ') || '0'
}

function describeRepeat({ eventId, earlier, later }: Repeat) {
  const { topic, partition, worker, at, outcome, endedAt } = earlier
  const answer = endedAt < later.at ? `${outcome} after ${endedAt - at} ms` : 'not answered yet'
  return `${topic.split('.')[1]} ${partition}: Worker ${worker} sent ${eventId}, ${answer}; Worker ${later.worker} again after ${later.at - at} ms`
}
