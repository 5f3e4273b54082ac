// Whether a topic may have these settings, and in whose words it may not: those of Apache Kafka 4.3.1.

import { fail } from './errors.ts'
import { checkConfigNames, TOPIC_CONFIGS, type TopicConfig } from './topic-configs.ts'

/** Bits of a whole number, by its type. */
const BITS = { INT: 32, LONG: 64 } as const
const REPLICAS = /^(\*|\d+:\d+(,\d+:\d+)*)?$/
const NOT_SPECIFIED = -1 // a level of gzip beside those that have a bound

export const listOf = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

/** Throws INVALID_CONFIG where one of the settings is none, or has a value that it cannot have. */
export function checkConfigs(configs: Record<string, string>) {
  checkConfigNames(configs)
  for (const [name, value] of Object.entries(configs)) {
    const config = TOPIC_CONFIGS[name]
    const wrong = config && whatIsWrong(name, value.trim(), config)
    if (wrong)
      fail('INVALID_CONFIG', `Invalid value ${wrong.value ?? value} for configuration ${name}: ${wrong.because}`)
  }
  const number = (name: string) => BigInt((configs[name] ?? TOPIC_CONFIGS[name]?.value ?? '0').trim())
  const [min, max] = [number('min.compaction.lag.ms'), number('max.compaction.lag.ms')]
  if (min > max)
    fail(
      'INVALID_CONFIG',
      `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
    )
  if (configs['remote.storage.enable']?.trim() === 'true')
    fail(
      'INVALID_CONFIG',
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    )
}

type Wrong = { because: string; value?: string } | undefined

function whatIsWrong(name: string, value: string, { type, oneOf = [], replicas, ...bounds }: TopicConfig): Wrong {
  switch (type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(value) ? undefined : { because: 'Expected value to be either true or false' }
    case 'STRING':
    case 'LIST': {
      if (replicas) return REPLICAS.test(value) ? undefined : notReplicas(name, value)
      const other = (type === 'LIST' ? listOf(value) : [value]).find((item) => !oneOf.includes(item))
      return other === undefined ? undefined : { value: other, because: `String must be one of: ${oneOf.join(', ')}` }
    }
    case 'DOUBLE': {
      const number = value === '' ? NaN : Number(value)
      if (Number.isNaN(number)) return { because: 'Not a number of type DOUBLE' }
      return outOf(number, name, bounds, Number.isInteger(number) ? number.toFixed(1) : String(number))
    }
    case 'SHORT':
    case 'INT':
    case 'LONG': {
      const number = /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : undefined
      const bits = type === 'LONG' ? BITS.LONG : BITS.INT
      if (number === undefined || BigInt.asIntN(bits, number) !== number)
        return { because: `Not a number of type ${type}` }
      return outOf(Number(number), name, bounds)
    }
  }
}

function outOf(number: number, name: string, { min, max }: Pick<TopicConfig, 'min' | 'max'>, value?: string): Wrong {
  if (name === 'compression.gzip.level') {
    const fits = number === NOT_SPECIFIED || (number >= (min ?? number) && number <= (max ?? number))
    return fits ? undefined : { value, because: `Value must be between ${min} and ${max} or equal to ${NOT_SPECIFIED}` }
  }
  if (min !== undefined && number < min) return { value, because: `Value must be at least ${min}` }
  if (max !== undefined && number > max) return { value, because: `Value must be no more than ${max}` }
}

const notReplicas = (name: string, value: string) => ({
  value: `[${listOf(value).join(', ')}]`,
  because: `${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`,
})
