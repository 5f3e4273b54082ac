import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keepPassword, newPassword, passwordFile, SUPERUSER } from './logins.ts'
import { type Identity, run } from './run.ts'

// The locale is Neon's.
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

// The password goes in clear: the driver's WebSocket client sends it along with its first message, and only this method
// takes it so early.
const CLIENTS = 'host all all 127.0.0.1/32 password\n'

/**
 * Makes the files of a new server, unless they are there. They get their name only when they are complete; until then
 * it is one that no other start has, as initdb may outlive a start that is killed. One that fails leaves nothing.
 */
export async function createCluster(programs: string, cluster: string, identity: Identity) {
  if (existsSync(cluster)) return
  const unfinished = `${cluster}-${randomUUID()}`
  const password = `${unfinished}-password`
  try {
    await initialize(programs, unfinished, password, identity)
    await rename(unfinished, cluster)
  } catch (error) {
    for (const path of [password, unfinished]) await rm(path, { recursive: true, force: true })
    throw error
  }
}

async function initialize(programs: string, cluster: string, password: string, identity: Identity) {
  await keepPassword(password, newPassword())
  if (identity.uid !== undefined && identity.gid !== undefined) await chown(password, identity.uid, identity.gid)
  const options = [`--username=${SUPERUSER}`, `--pwfile=${password}`, '--auth=password', '--no-instructions', ...LOCALE]
  const { code, output } = await run(join(programs, 'initdb'), [`--pgdata=${cluster}`, ...options], identity)
  if (code !== 0) throw new Error(`initdb failed: ${output}`)
  await rename(password, passwordFile(cluster))
  await writeFile(join(cluster, 'pg_hba.conf'), CLIENTS)
}
