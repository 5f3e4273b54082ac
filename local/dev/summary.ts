import { type NamedServices, showDatabase } from './named-services.ts'

type Env = { DATABASE_URL: string; NEON_PROXY_URL: string; KAFKA_BOOTSTRAP_SERVERS: string }

/**
 * What is where, once everything runs, and how to use an API that takes `token`. `page` is the console's. The URL of
 * our own database is no secret.
 */
export function summary(api: string, env: Env, named: NamedServices, token: string | undefined, page: string) {
  const rows = [
    ['API', api],
    ['Postgres', named.DATABASE_URL ? showDatabase(named.DATABASE_URL) : env.DATABASE_URL],
    ['Neon proxy', env.NEON_PROXY_URL || "Neon's own"],
    ['Kafka', env.KAFKA_BOOTSTRAP_SERVERS],
    ['Console', page],
  ] as const
  const lines = rows.map(([name, where]) => `  ${name.padEnd(12)}${where}`)
  return [
    '',
    `Ready in ${process.uptime().toFixed(1)} s`,
    ...lines,
    ...(token === undefined ? [] : explainToken(api, token)),
    '  Ctrl-C stops everything; the data stays until `npm run reset`',
    '',
  ].join('\n')
}

const explainToken = (api: string, token: string) => [
  `  ${'Token'.padEnd(12)}${token}`,
  '  Made for this run, as what it writes to is not on this machine; API_TOKENS in the shell names tokens of your own',
  `  curl ${api}/products -H 'authorization: Bearer ${token}'`,
]
