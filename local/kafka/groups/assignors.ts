// Who consumes what, decided by the broker (KIP-848). A partition is named by its topic's id and its number.

import { fail } from '../errors.ts'

/** A member and the topics that it may be given partitions of, with how many each has. */
export type Subscriber = { id: string; topics: Map<string, number> }
export type Shares = Map<string, Set<string>> // of each member
type Assignor = (members: Subscriber[], current: Shares) => Shares

export const keyOf = (topic: string, index: number) => `${topic}:${index}`

/** By topic, with the partitions of each in their order. */
export function byTopic(keys: Iterable<string>) {
  const topics = new Map<string, number[]>()
  for (const key of keys) {
    const [id = '', index] = key.split(':')
    topics.set(id, [...(topics.get(id) ?? []), Number(index)])
  }
  return [...topics].map(([id, partitions]) => ({ id, partitions: partitions.toSorted((a, b) => a - b) }))
}

const byId = (members: Subscriber[]) => members.toSorted((a, b) => (a.id < b.id ? -1 : 1))
const sizesOf = (members: Subscriber[]) => new Map(members.flatMap(({ topics }) => [...topics]))

/** Of each topic a member gets partitions that follow one another; the first members get those that are left over. */
export const range: Assignor = (members) => {
  const shares: Shares = new Map(members.map(({ id }) => [id, new Set()]))
  for (const [topic, size] of sizesOf(members)) {
    const subscribers = byId(members).filter(({ topics }) => topics.has(topic))
    let next = 0
    for (const [place, { id }] of subscribers.entries()) {
      const count = Math.floor(size / subscribers.length) + (place < size % subscribers.length ? 1 : 0)
      for (let i = 0; i < count; i++) shares.get(id)?.add(keyOf(topic, next++))
    }
  }
  return shares
}

/** All get the same number, or one more; who has a partition keeps it as far as that allows. */
export const uniform: Assignor = (members, current) => {
  const left = new Set(
    [...sizesOf(members)].flatMap(([topic, size]) => Array.from({ length: size }, (_, index) => keyOf(topic, index))),
  )
  const quota = Math.floor(left.size / Math.max(1, members.length))
  let larger = left.size % Math.max(1, members.length) // members that get one more
  const shares: Shares = new Map()
  for (const { id, topics } of byId(members)) {
    const kept = [...(current.get(id) ?? [])].filter((key) => left.has(key) && topics.has(key.split(':')[0] ?? ''))
    const count = quota + (kept.length > quota && larger-- > 0 ? 1 : 0)
    shares.set(id, new Set(kept.slice(0, count)))
    for (const key of kept.slice(0, count)) left.delete(key)
  }
  for (const key of left) {
    const able = byId(members).filter(({ topics }) => topics.has(key.split(':')[0] ?? ''))
    const sizeOf = ({ id }: Subscriber) => shares.get(id)?.size ?? 0
    const poorest = able.reduce((one, other) => (sizeOf(other) < sizeOf(one) ? other : one))
    shares.get(poorest.id)?.add(key)
  }
  return shares
}

const ASSIGNORS: Record<string, Assignor> = { uniform, range }
export const DEFAULT_ASSIGNOR = 'uniform'

export function checkAssignor(name: string) {
  if (Object.hasOwn(ASSIGNORS, name)) return
  const supported = Object.keys(ASSIGNORS).join(', ')
  fail('UNSUPPORTED_ASSIGNOR', `ServerAssignor ${name} is not supported. Supported assignors: ${supported}.`)
}

export const assign = (name: string, members: Subscriber[], current: Shares) =>
  (ASSIGNORS[name] ?? uniform)(members, current)
