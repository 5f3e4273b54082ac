/** What is where, once everything runs. */
export function summary(api: string, env: { DATABASE_URL: string; NEON_PROXY_URL: string; KAFKA_BOOTSTRAP_SERVERS: string }) {
  const rows = [
    ['API', api],
    ['Postgres', withoutSecret(env.DATABASE_URL)],
    ['Neon proxy', env.NEON_PROXY_URL || "Neon's own"],
    ['Kafka', env.KAFKA_BOOTSTRAP_SERVERS],
  ] as const
  const lines = rows.map(([name, where]) => `  ${name.padEnd(12)}${where}`)
  return [
    '',
    `Ready in ${process.uptime().toFixed(1)} s`,
    ...lines,
    '  Ctrl-C stops everything; the data stays until `npm run reset`',
    '',
  ].join('\n')
}

/** The password of one's own database is not for the screen; that of the embedded one is no secret. */
function withoutSecret(databaseUrl: string) {
  const url = new URL(databaseUrl)
  if (process.env.DATABASE_URL && url.password) url.password = '***'
  return url.href
}
