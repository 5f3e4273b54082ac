// Quotas are set and told in the words of Apache Kafka 4.3.1 (KIP-546, KIP-612).

import { isIP } from 'node:net'
import type { Cluster } from '../cluster.ts'
import { fail } from '../errors.ts'
import { AlterClientQuotas, DescribeClientQuotas } from '../protocol/quotas.ts'
import type { RequestOf } from '../protocol/types.ts'
import { type Entity, keyOf, plainEntity, type Quota } from '../quotas.ts'
import { attempt, checkController, endpoint } from './endpoint.ts'

type Filter = RequestOf<typeof DescribeClientQuotas>['components'][number]
type Change = RequestOf<typeof AlterClientQuotas>['entries'][number]['changes'][number]

const MATCH = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } // numbers of the protocol
const TYPES = ['client-id', 'ip', 'user']
const MAX_QUOTAS = 1_000
const INT_MAX = 2 ** 31 - 1

/** The largest value of each; `whole`: it has no fraction. */
const OF_ADDRESSES: Record<string, { max: number; type: string; whole: boolean }> = {
  connection_creation_rate: { max: INT_MAX, type: 'an INT', whole: true },
}
const OF_CLIENTS: typeof OF_ADDRESSES = {
  consumer_byte_rate: { max: 2 ** 63, type: 'a LONG', whole: true },
  controller_mutation_rate: { max: Infinity, type: 'a DOUBLE', whole: false },
  producer_byte_rate: { max: 2 ** 63, type: 'a LONG', whole: true },
  request_percentage: { max: Infinity, type: 'a DOUBLE', whole: false },
}

const refuse = (message: string) => fail('INVALID_REQUEST', message)

function checkFilter({ components }: RequestOf<typeof DescribeClientQuotas>) {
  const types = components.map(({ type }) => type)
  for (const [index, { type, matchType, match }] of components.entries()) {
    if (!type) refuse('Invalid empty entity type.')
    if (types.indexOf(type) < index) refuse(`Entity type ${type} cannot appear more than once in the filter.`)
    if (!TYPES.includes(type)) fail('UNSUPPORTED_VERSION', `Unsupported entity type ${type}`)
    if (!Object.values(MATCH).includes(matchType)) refuse(`Unknown match type ${matchType}`)
    if (matchType === MATCH.EXACT && match === null)
      refuse('Request specified MATCH_TYPE_EXACT, but set match string to null.')
    if (matchType !== MATCH.EXACT && match !== null) {
      const name = matchType === MATCH.DEFAULT ? 'MATCH_TYPE_DEFAULT' : 'MATCH_TYPE_SPECIFIED'
      refuse(`Request specified ${name}, but also specified a match string.`)
    }
  }
  if (types.includes('ip') && types.length > 1)
    refuse(
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    )
}

function matches({ entity }: Quota, { type, matchType, match }: Filter) {
  const found = entity.find((each) => each.type === type)
  if (!found || matchType === MATCH.SPECIFIED) return Boolean(found)
  return found.name === (matchType === MATCH.EXACT ? match : null)
}

/** Which quotas the entity may have. */
function quotasOf(entity: Entity) {
  if (!entity.length) refuse('Invalid empty client quota entity')
  for (const { type, name } of entity) {
    if (!TYPES.includes(type)) refuse(`Unhandled client quota entity type: ${type}`)
    if (name === '') refuse(`Empty ${type} not supported`)
  }
  const address = entity.find(({ type }) => type === 'ip')
  if (!address) return OF_CLIENTS
  if (entity.length > 1)
    refuse('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId')
  if (address.name !== null && !isIP(address.name) && address.name !== 'localhost')
    refuse(`${address.name} is not a valid IP or resolvable host.`)
  return OF_ADDRESSES
}

/** What the quotas become by these changes. */
function altered(entity: Entity, current: Quota['values'], changes: Change[]): Quota['values'] {
  const allowed = quotasOf(entity)
  const values = new Map(Object.entries(current))
  for (const { key, value, remove } of changes) {
    if (remove) {
      values.delete(key)
      continue
    }
    const quota = allowed[key] ?? refuse(`Invalid configuration key ${key}`)
    if (!(value > 0)) refuse(`Quota ${key} must be greater than 0`)
    if (value > quota.max || value === Infinity) refuse(`Proposed value for ${key} is too large for ${quota.type}.`)
    if (quota.whole && value % 1 > 1e-6) refuse(`${key} cannot be a fractional value.`)
    values.set(key, value)
  }
  return Object.fromEntries(values)
}

const shown = (entity: Entity) =>
  `ClientQuotaEntity(entries={${entity.map(({ type, name }) => `${type}=${name}`).join(', ')}})`

export const quotaRequests = ({ quotas }: Cluster) => [
  endpoint(DescribeClientQuotas, (filter) => {
    checkFilter(filter)
    const { components, strict } = filter
    return {
      message: '',
      entries: [...quotas.all()]
        .filter((quota) => components.every((component) => matches(quota, component)))
        .filter(({ entity }) => !strict || entity.length === components.length)
        .map(({ entity, values }) => ({
          entity,
          values: Object.entries(values).map(([key, value]) => ({ key, value })),
        })),
    }
  }),

  endpoint(AlterClientQuotas, ({ entries, validateOnly }, { node }) => {
    const byEntity = Map.groupBy(entries, ({ entity }) => keyOf(plainEntity(entity)))
    const changed: Quota[] = []
    const results = [...byEntity.values()].flatMap(([first, ...more]) => {
      if (!first) return []
      const entity = plainEntity(first.entity)
      const result = attempt(() => {
        checkController(node)
        const keys = new Set(first.changes.map(({ key }) => key))
        if (more.length || keys.size < first.changes.length) refuse(`Ignoring duplicate entity ${shown(entity)}`)
        if (quotas.size() + changed.length >= MAX_QUOTAS && !quotas.has(entity))
          fail('POLICY_VIOLATION', `There may be quotas for ${MAX_QUOTAS} entities here.`)
        changed.push({ entity, values: altered(entity, quotas.of(entity), first.changes) })
        return {}
      })
      return [{ entity, ...result }]
    })
    if (!validateOnly && changed.length) quotas.set(changed)
    return { entries: results }
  }),
]
