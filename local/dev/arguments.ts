import { parseArgs } from 'node:util'

const options = {
  env: { type: 'string', short: 'e' },
  into: { type: 'string' },
  split: { type: 'boolean' },
  consumers: { type: 'boolean' },
  'apache-kafka': { type: 'boolean' },
} as const

/**
 * What `npm run dev` is asked for: the whole API in one Worker, the function `environment`, or for `split` the gateway
 * and every function.
 * `into` names a database that may be written though its tables are of others; `args` are for wrangler. Throws where
 * they contradict each other, or the shell.
 */
export function parseArguments(args: string[], { CLOUDFLARE_ENV, KAFKA_BOOTSTRAP_SERVERS }: NodeJS.ProcessEnv) {
  const { values, tokens } = parseArgs({ args, options, strict: false, tokens: true })
  const ours = tokens.flatMap((token) => {
    if (token.kind !== 'option' || !(token.name in options)) return []
    return token.value === undefined || token.inlineValue ? [token.index] : [token.index, token.index + 1]
  })
  const text = (name: 'env' | 'into') => {
    const value = values[name]
    if (value === true) throw new Error(`--${name} takes a name`)
    return value === false ? undefined : value
  }
  const split = values.split === true
  const apacheKafka = values['apache-kafka'] === true
  const environment = text('env')
  if (split && environment !== undefined)
    throw new Error(`--split runs every function, and -e ${environment} that one alone: say one of them`)
  if (CLOUDFLARE_ENV) {
    const instead = `npm run dev -- -e ${CLOUDFLARE_ENV}`
    throw new Error(
      `CLOUDFLARE_ENV=${CLOUDFLARE_ENV} is set, and chooses nothing here: unset it, and say \`${instead}\` if you mean that`,
    )
  }
  if (apacheKafka && KAFKA_BOOTSTRAP_SERVERS)
    throw new Error('--apache-kafka starts a broker, and KAFKA_BOOTSTRAP_SERVERS names others: say one of them')
  return {
    environment: environment ?? '',
    split,
    into: text('into'),
    consumers: values.consumers === true,
    apacheKafka,
    args: args.filter((_, i) => !ours.includes(i)),
  }
}
