// The file with the secrets of production, and which databases it names.

import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'

/** Of the writers, of the readers, and of whom migrates. */
const DATABASES = ['DATABASE_URL', 'DATABASE_URL_READER', 'MIGRATIONS_URL'] as const
type Secrets = Record<string, string>

/** What a file says, without a mark of byte order. Throws where it is not in UTF-8. */
export async function readSecrets(path: string) {
  const text = decoded(await readFile(path))
  if (text === undefined || text.includes('\0')) throw new Error(`${path} is not in UTF-8`) // UTF-16 may be without a mark
  return text
}

function decoded(bytes: Uint8Array) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Its variables. Set but empty is not set. */
export const parseSecrets = (text: string): Secrets =>
  Object.fromEntries(Object.entries(parseEnv(text)).flatMap(([name, value]) => (value ? [[name, value]] : [])))

/** Where everything else than a migration is done by the role of the writers: who migrates owns the tables. */
export const migrationsUrl = ({ MIGRATIONS_URL, DATABASE_URL }: NodeJS.ProcessEnv) => MIGRATIONS_URL || DATABASE_URL

/**
 * What a person should know of a file before it is used. Never a value. `parseEnv` ends a value at a `#` that stands in
 * no quotes, which many passwords have.
 */
export function warnings(text: string, known: string[]) {
  const secrets = parseSecrets(text)
  const cut = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*([^\s'"`#][^\n#]*|)#/gm)].flatMap(
    ([, name = '', before = '']) => (name in secrets && secrets[name] !== before.trim() ? [] : [name]),
  )
  return [
    ...cut.map((name) => `${name} ends before its #, which begins a comment: ${asPart(name)}`),
    ...Object.keys(secrets)
      .filter((name) => !known.includes(name))
      .map((name) => `${name} is no secret that a Worker takes, and goes nowhere: lib/settings.ts has what is none`),
    ...missingRoles(secrets),
  ]
}

/** How a # comes into a value: in a URL it would begin the fragment, in quotes too. */
const asPart = (name: string) =>
  isDatabase(name) ? 'in a URL it is written %23' : 'quotes around the value make it a part'

const isDatabase = (name: string) => DATABASES.some((database) => database === name)

function missingRoles(secrets: Secrets) {
  if (!secrets.DATABASE_URL) return []
  const users = DATABASES.map((name) => URL.parse(secrets[name] ?? secrets.DATABASE_URL ?? '')?.username)
  if (new Set(users).size === users.length) return []
  return [
    'one role of the database serves for several purposes: DATABASE_URL, DATABASE_URL_READER and MIGRATIONS_URL each take one of their own',
  ]
}

/**
 * Throws where migrations would go to another database than the Workers use: by what the file says, or by what the
 * shell says beside it. The roles may differ, and readers may have a replica. What is no URL cannot be told apart.
 */
export function refuseOtherDatabase(secrets: NodeJS.ProcessEnv, shell: NodeJS.ProcessEnv, file: string) {
  const broken = DATABASES.find((name) => secrets[name] && !URL.parse(secrets[name])?.username)
  if (broken !== undefined)
    throw new Error(
      `${broken} in ${file} is not of the form postgresql://user:password@host/database: in a password # is %23, / is %2F, ? is %3F, % is %25`,
    )
  const meant = databaseOf(secrets.DATABASE_URL)
  const migrated = databaseOf(migrationsUrl(secrets))
  if (meant !== undefined && migrated !== meant)
    throw new Error(`MIGRATIONS_URL in ${file} is another database than DATABASE_URL`)
  for (const name of DATABASES) {
    const [own, other] = [databaseOf(secrets[name] ?? secrets.DATABASE_URL), databaseOf(shell[name])]
    if (own !== undefined && other !== undefined && own !== other)
      throw new Error(`${name} in the shell is another database than in ${file}, which counts: unset it`)
  }
}

/** Host, port and name: neither the role, nor whether Neon pools its connections. */
function databaseOf(databaseUrl: string | undefined) {
  if (!databaseUrl) return undefined
  const { hostname, port, pathname } = URL.parse(unpooled(databaseUrl)) ?? { hostname: databaseUrl }
  return [hostname, port || '5432', pathname].join()
}

/** https://neon.com/docs/connect/connection-pooling */
export const unpooled = (databaseUrl: string) => databaseUrl.replace(/-pooler(?=\.[^/]*\.neon\.tech\b)/, '')
