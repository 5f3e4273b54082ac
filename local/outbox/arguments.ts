// What the command line asks for.

import { parseArgs } from 'node:util'
import { errorMessage } from '../machine/error-message.ts'
import { wholeNumber } from '../machine/whole-number.ts'

export const USAGE = `npm run outbox -- VERB, where VERB is one of
  status                      what waits for Kafka and why, and who publishes
  list [--dead] [--limit N]   the events that wait, or are dead, the oldest first (50)
  redrive ID… | --all         puts dead events back among those that wait
  release TOPIC[:PARTITION]   tries at once again what is held back
  drop ID… [--yes]            deletes events for good
with
  --secrets-file FILE         where MIGRATIONS_URL or DATABASE_URL stands, as for npm run deploy
  --database-url URL          or the URL itself, which other users of this machine can see
  --json                      one JSON document (npm run -s outbox: npm then says nothing of its own)
  --dry-run                   says what redrive, release or drop would do, and changes nothing
An ID is that of an event: ce_id in its record. Without a database it is DATABASE_URL of the environment, or of .env.`

/** Which database is meant: by its URL, by a file that has it, or neither. */
export type Source = { databaseUrl?: string | undefined; secretsFile?: string | undefined }

export type Verb =
  | { verb: 'status' }
  | { verb: 'list'; dead: boolean; limit: number }
  | { verb: 'redrive'; ids: string[] | 'all'; dryRun: boolean }
  | { verb: 'release'; target: string; dryRun: boolean }
  | { verb: 'drop'; ids: string[]; dryRun: boolean; yes: boolean }

export type Command = { asked: Verb; source: Source; json: boolean }

/** The command line asks for nothing that there is. Its message names the verb or the flag. */
export class UsageError extends Error {
  override name = 'UsageError'
}

const OPTIONS = {
  'database-url': { type: 'string' },
  'secrets-file': { type: 'string' },
  json: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean' },
  dead: { type: 'boolean' },
  limit: { type: 'string' },
  all: { type: 'boolean' },
  yes: { type: 'boolean' },
} as const

/** Which flags a verb has, beside those that all have. */
const FLAGS = {
  status: [],
  list: ['dead', 'limit'],
  redrive: ['all', 'dry-run'],
  release: ['dry-run'],
  drop: ['yes', 'dry-run'],
} satisfies Record<Verb['verb'], (keyof typeof OPTIONS)[]>
const COMMON = ['database-url', 'secrets-file', 'json']

const LIMIT = 50
const MOST = 10_000 // events that one list shows
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Throws UsageError. */
export function parseCommand(args: string[]): Command {
  const { values, positionals } = parsed(args)
  const [verb = '', ...rest] = positionals
  if (!isVerb(verb))
    throw new UsageError(
      `${verb ? `there is no verb ${verb}` : 'a verb is missing'}: it is one of ${Object.keys(FLAGS).join(', ')}`,
    )
  const own: string[] = FLAGS[verb]
  const stray = Object.keys(values).find((flag) => !COMMON.includes(flag) && !own.includes(flag))
  if (stray !== undefined) throw new UsageError(`${verb} has no flag --${stray}`)
  if (values['database-url'] !== undefined && values['secrets-file'] !== undefined)
    throw new UsageError('--database-url and --secrets-file name a database each: give one of them')
  const source = { databaseUrl: values['database-url'], secretsFile: values['secrets-file'] }
  return { asked: asked(verb, rest, values), source, json: values.json }
}

const isVerb = (text: string): text is Verb['verb'] => Object.hasOwn(FLAGS, text)

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function asked(verb: Verb['verb'], rest: string[], values: ReturnType<typeof parsed>['values']): Verb {
  const dryRun = values['dry-run'] ?? false
  switch (verb) {
    case 'status':
      none(verb, rest)
      return { verb }
    case 'list':
      none(verb, rest)
      return { verb, dead: values.dead ?? false, limit: limitOf(values.limit) }
    case 'redrive':
      if (values.all && rest.length) throw new UsageError('redrive takes IDs or --all, not both')
      if (!values.all && !rest.length)
        throw new UsageError('redrive needs the IDs of dead events, or --all: list --dead shows them')
      return { verb, ids: values.all ? 'all' : idsOf(verb, rest), dryRun }
    case 'release': {
      const [target] = rest
      if (!target || rest.length > 1)
        throw new UsageError('release needs one TOPIC or TOPIC:PARTITION: status shows what is held back')
      return { verb, target, dryRun }
    }
    case 'drop':
      if (!rest.length) throw new UsageError('drop needs the IDs of events: list and list --dead show them')
      return { verb, ids: idsOf(verb, rest), dryRun, yes: values.yes ?? false }
  }
}

function none(verb: string, rest: string[]) {
  if (rest.length) throw new UsageError(`${verb} takes no ${rest[0]}`)
}

function idsOf(verb: string, texts: string[]) {
  const ids = texts.map((text) => text.toLowerCase())
  const wrong = ids.find((id) => !UUID.test(id))
  if (wrong !== undefined) throw new UsageError(`${verb}: ${wrong} is no ID of an event, which is a UUID`)
  return [...new Set(ids)]
}

function limitOf(text = String(LIMIT)) {
  try {
    return wholeNumber('--limit', text, 1, MOST)
  } catch (error) {
    throw new UsageError(errorMessage(error))
  }
}
