// What can be wrong with what reached Kafka: each gives the cases that it finds.

import { describe, type Event, nameOf, versionOf } from './events.ts'
import type { Acknowledgement } from './load-report.ts'
import type { Sending } from '../rig/kafka-proxy/sendings.ts'
import type { Change, State } from '../rig/history.ts'

export function uncommitted(acknowledged: Acknowledgement[], changes: Change[]) {
  const versions = Map.groupBy(changes, ({ type, id }) => `${type} ${id}`)
  return acknowledged
    .filter(
      ({ type, id, version }) =>
        !versions.get(`${type} ${id}`)?.some((change) => version === undefined || change.version === version),
    )
    .map(({ type, id, version }) => `${type} ${id} version ${version}`)
}

export function differingRows({ rows, changes }: State) {
  const last = new Map(changes.map((change) => [change.id, change])) // they come in the order of each row's versions
  const left = [...last.values()].filter(({ type }) => type !== 'product.deleted')
  const names = (all: { id: number; version: number }[]) =>
    new Set(all.map(({ id, version }) => `${id} version ${version}`))
  const [expected, found] = [names(left), names(rows)]
  return [...[...expected].filter((name) => !found.has(name)), ...[...found].filter((name) => !expected.has(name))]
}

export const missing = (committed: Map<string, Change>, published: Map<string, Event[]>) =>
  [...committed.keys()].filter((name) => !published.has(name))

export function invented(
  firsts: Event[],
  committed: Map<string, Change>,
  topics: { created: string; changed: string },
) {
  const really = ({ change, key, topic, headers }: Event) => {
    const expected = change && committed.get(nameOf(change))
    return (
      expected &&
      change.name === expected.name &&
      change.price === expected.price &&
      change.quantity === expected.quantity &&
      key === String(expected.id) &&
      headers.ce_type === expected.type &&
      topic === (expected.type === 'product.created' ? topics.created : topics.changed)
    )
  }
  return firsts.filter((event) => !really(event)).map(describe)
}

export const several = (published: Map<string, Event[]>) =>
  [...published]
    .filter(([, events]) => events.length > 1)
    .map(([name, events]) => `${name}: ${events.map(({ eventId }) => eventId).join()}`)

/** Each request names its product as no other does. */
export function madeTwice(changes: Change[]) {
  const made = Map.groupBy(
    changes.filter(({ type }) => type === 'product.created'),
    ({ name }) => name,
  )
  return [...made]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => `${name}: ${all.map(({ id }) => id).join()}`)
}

/**
 * By the first record of each event: a duplicate may come behind newer events of its key, and a consumer drops it by
 * its id.
 */
export function disordered(firsts: Event[]) {
  const keys = Map.groupBy(firsts, ({ topic, key }) => `${topic} ${key}`)
  return [...keys.values()].flatMap((events) =>
    events
      .filter((event, i) => {
        const before = events[i - 1]
        return before && versionOf(before) >= versionOf(event)
      })
      .map(describe),
  )
}

/** A key has one partition of a topic, as there is no order across two; duplicates are no exception. */
export function scattered(events: Event[]) {
  const partitions = new Map<string, number>()
  return events
    .filter(({ topic, key, partition }) => {
      const first = partitions.get(`${topic} ${key}`)
      if (first === undefined) partitions.set(`${topic} ${key}`, partition)
      return first !== undefined && first !== partition
    })
    .map(describe)
}

export function behindNewer(events: Event[]) {
  const newest = new Map<string, number>()
  return events.filter((event) => {
    const name = `${event.topic} ${event.key}`
    const before = newest.get(name) ?? 0
    newest.set(name, Math.max(before, versionOf(event)))
    return versionOf(event) < before
  }).length
}

/** Records that no proxy saw on their way: what it knows of the sendings is then not all. */
export function unseen(events: Event[], sendings: Sending[]) {
  const seen = new Set(
    sendings.flatMap(({ topic, partition, eventIds }) => eventIds.map((id) => `${topic} ${partition} ${id}`)),
  )
  return events.filter(({ topic, partition, eventId }) => !seen.has(`${topic} ${partition} ${eventId}`)).map(describe)
}
