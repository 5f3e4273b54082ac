// What users, clients and addresses may use at most (KIP-546, KIP-612): it is kept and told as Kafka does, and holds
// nobody back.

import * as z from 'zod'
import { readJson, writeJson } from './json-file.ts'

const Entity = z.array(z.object({ type: z.string(), name: z.string().nullable() })) // null: the default of the type
const Quota = z.object({ entity: Entity, values: z.record(z.string(), z.number()) })
const QuotasFile = z.array(Quota)
export type Entity = z.infer<typeof Entity>
export type Quota = z.infer<typeof Quota>

/** By its types in alphabetical order, each once: the last name of a type counts. */
export const plainEntity = (entity: Entity): Entity =>
  [...new Map(entity.map(({ type, name }) => [type, name]))]
    .map(([type, name]) => ({ type, name }))
    .toSorted((a, b) => (a.type < b.type ? -1 : 1))

export const keyOf = (entity: Entity) => JSON.stringify(entity.map(({ type, name }) => [type, name]))

/** Each change is on disk when `set` returns, where there is a `file`. */
export function openQuotas(file: string | null) {
  const stored = file === null ? [] : (readJson(file, QuotasFile) ?? [])
  let quotas = new Map(stored.map((quota) => [keyOf(quota.entity), quota]))
  return {
    all: (): Iterable<Quota> => quotas.values(),
    size: () => quotas.size,
    has: (entity: Entity) => quotas.has(keyOf(entity)),
    of: (entity: Entity) => quotas.get(keyOf(entity))?.values ?? {},
    set(changed: Quota[]) {
      const all = new Map(quotas)
      for (const quota of changed)
        if (Object.keys(quota.values).length) all.set(keyOf(quota.entity), quota)
        else all.delete(keyOf(quota.entity))
      if (file !== null) writeJson(file, [...all.values()] satisfies Quota[])
      quotas = all
    },
  }
}
