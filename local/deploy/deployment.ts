// What `npm run deploy` does, and with which secrets: what is decided before anything goes out.

import { parseArgs, parseEnv } from 'node:util'
import { HANDLERS } from '../../lib/handlers.ts'

const GATEWAY = { name: 'gateway', secrets: [] }

/** Secrets of a Kafka that asks for them, for all that publish. */
export const KAFKA_OPTIONAL = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_TLS']

/** The relay first: it may have to publish what the functions write. The gateway last: it asks for all of them. */
const ALL = [
  ...HANDLERS.filter(({ routes }) => !routes.length),
  ...HANDLERS.filter(({ routes }) => routes.length),
  GATEWAY,
]

/** What the command line asks for: everything, with the migrations, or the functions that it names, alone. Throws where it asks for none that there is. */
export function parseDeployment(args: string[]) {
  const options = { 'dry-run': { type: 'boolean', default: false }, 'secrets-file': { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const unknown = positionals.find((name) => !ALL.some((worker) => worker.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no function ${unknown}: it is one of ${ALL.map(({ name }) => name).join(', ')}`)
  return {
    workers: ALL.filter(({ name }) => !positionals.length || positionals.includes(name)),
    migrates: !positionals.length && !values['dry-run'],
    dryRun: values['dry-run'],
    secretsFile: values['secrets-file'],
  }
}

/** Of the secrets in a file those that a function needs, as JSON: which has no escapes that wrangler would expand. */
export function secretsFor({ secrets }: { secrets: string[] }, file: string) {
  const needed = secrets.includes('KAFKA_BOOTSTRAP_SERVERS') ? [...secrets, ...KAFKA_OPTIONAL] : secrets
  return JSON.stringify(Object.fromEntries(Object.entries(parseEnv(file)).filter(([name]) => needed.includes(name))))
}
