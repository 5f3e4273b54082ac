// What `npm run deploy` does, and with which secrets: what is decided before anything goes out.

import { parseArgs } from 'node:util'
import { HANDLERS } from '../../lib/handlers.ts'
import { parseSecrets } from './secrets.ts'

const GATEWAY = { name: 'gateway', secrets: [] }

/** All handlers in one Worker, which goes out only where it is named. */
export const WHOLE = { name: 'product-api', secrets: ['DATABASE_URL', 'KAFKA_BOOTSTRAP_SERVERS', 'API_TOKENS'] }

/** Secrets of a Kafka that asks for them, for all that publish. */
export const KAFKA_OPTIONAL = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_TLS']

/** Known to this command, and to no Worker. */
const FOR_THE_COMMAND = ['DATABASE_URL_READER', 'MIGRATIONS_URL']

/** All names that a file with secrets may have. */
export const SECRETS = [...WHOLE.secrets, ...KAFKA_OPTIONAL, ...FOR_THE_COMMAND]

/** The relay first: it may have to publish what the functions write. The gateway last: it asks for all of them. */
const ALL = [
  ...HANDLERS.filter(({ routes }) => !routes.length),
  ...HANDLERS.filter(({ routes }) => routes.length),
  GATEWAY,
]

/**
 * What the command line asks for: every handler, with the migrations, or the Workers that it names, alone. Throws where
 * it asks for none that there is.
 */
export function parseDeployment(args: string[]) {
  const options = { 'dry-run': { type: 'boolean', default: false }, 'secrets-file': { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const known = [...ALL, WHOLE]
  const unknown = positionals.find((name) => !known.some((worker) => worker.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no function ${unknown}: it is one of ${known.map(({ name }) => name).join(', ')}`)
  return {
    workers: positionals.length ? known.filter(({ name }) => positionals.includes(name)) : ALL,
    migrates: !positionals.length && !values['dry-run'],
    dryRun: values['dry-run'],
    secretsFile: values['secrets-file'],
  }
}

/** Whether a Worker with these secrets reads the database, and writes nothing. */
export const isReader = (secrets: string[]) =>
  secrets.includes('DATABASE_URL') && !secrets.includes('KAFKA_BOOTSTRAP_SERVERS')

/**
 * Of the secrets in a file those that a function needs, as JSON: which has no escapes that wrangler would expand. A
 * Worker knows one database by one name, in the role of readers if it reads and there is one.
 */
export function secretsFor({ secrets }: { secrets: string[] }, file: string) {
  const needed = secrets.includes('KAFKA_BOOTSTRAP_SERVERS') ? [...secrets, ...KAFKA_OPTIONAL] : secrets
  const { DATABASE_URL_READER, ...all } = parseSecrets(file)
  const given = isReader(secrets) && DATABASE_URL_READER ? { ...all, DATABASE_URL: DATABASE_URL_READER } : all
  return JSON.stringify(Object.fromEntries(Object.entries(given).filter(([name]) => needed.includes(name))))
}
