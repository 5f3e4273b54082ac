import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Identity, run } from './run.ts'

/** User, password and database of every local Postgres, embedded or in Docker. */
export const CREDENTIALS = { user: 'products', password: 'products', database: 'products' }

// The locale is Neon's.
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

// The password goes in clear: the driver's WebSocket client sends it along with its first message, and only this method takes it so early.
const CLIENTS = 'host all all 127.0.0.1/32 password\n'

/**
 * Makes the files of a new server, unless they are there. They get their name only when they are complete; until then it is one
 * that no other start has, as initdb may outlive a start that is killed.
 */
export async function createCluster(programs: string, cluster: string, identity: Identity) {
  if (existsSync(cluster)) return
  const unfinished = `${cluster}-${randomUUID()}`
  const password = `${unfinished}-password`
  await writeFile(password, CREDENTIALS.password, { mode: 0o644 })
  const options = [`--username=${CREDENTIALS.user}`, `--pwfile=${password}`, '--auth=password', '--no-instructions', ...LOCALE]
  const { code, output } = await run(join(programs, 'initdb'), [`--pgdata=${unfinished}`, ...options], identity)
  await rm(password)
  if (code !== 0) throw new Error(`initdb failed: ${output}`)
  await writeFile(join(unfinished, 'pg_hba.conf'), CLIENTS)
  await rename(unfinished, cluster)
}
