import { readFile, realpath } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { join } from 'node:path'
import pg from 'pg'
import { type Login, newClient } from '../machine/pg-client.ts'
import { applicationLogin, superuserLogin } from './logins.ts'
import { run } from './run.ts'
import { isAlive } from '../machine/is-alive.ts'

const STARTING_UP = '57P03'
const WRONG_PASSWORD = '28P01'
const STARTING_MS = 30_000
const ANSWER_MS = 2_000

export const pidFile = (cluster: string) => join(cluster, 'postmaster.pid')

/** What postmaster.pid says, true or not: a crash leaves it behind, and by then another program may have that pid. */
export async function readPidFile(cluster: string) {
  const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n').map(Number)
  const [pid = NaN, , , port = NaN] = lines
  return pid ? { pid, port } : undefined
}

/**
 * The port, the process and the superuser of the server that runs on these files, if one answers. It is asked for its
 * files, as another Postgres may have the port of one that crashed. `answerMs` is for each of its answers.
 */
export async function findRunning(cluster: string, answerMs = ANSWER_MS) {
  const { pid, port } = (await readPidFile(cluster)) ?? {}
  if (!pid || !port) return
  const ofOldLayout = { ...applicationLogin(port), database: 'postgres' }
  const logins = [await superuserLogin(cluster, port), ofOldLayout].filter((login) => login !== undefined)
  for (const end = Date.now() + STARTING_MS; ; await setTimeout(20)) {
    try {
      const superuser = await findOwner(logins, cluster, answerMs)
      return superuser && { pid, port, superuser, isOldLayout: superuser === ofOldLayout }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === STARTING_UP) || Date.now() > end) return
    }
  }
}

/** The first login that is taken, if it is a superuser's on these files. */
async function findOwner(logins: Login[], cluster: string, answerMs: number) {
  for (const login of logins) {
    try {
      return (await askForFolder(login, answerMs)) === (await realpath(cluster)) ? login : undefined
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === WRONG_PASSWORD)) throw error
    }
  }
  return undefined
}

async function askForFolder(login: Login, answerMs: number) {
  const client = newClient(login, { connectionTimeoutMillis: answerMs, query_timeout: answerMs })
  client.on('error', () => {}) // the answer below fails anyway
  await client.connect()
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0] && (await realpath(rows[0].data_directory))
  } finally {
    await client.end()
  }
}

/**
 * Whether a process is a server on these files, answering or not. Undefined where nobody can tell: without `ps`, where
 * it does not show the processes of others, and for a Postgres that was not launched here.
 */
export async function isServer(pid: number, cluster: string) {
  if (!isAlive(pid)) return false
  const ps = await run('ps', ['-ww', '-o', 'stat=', '-o', 'args=', '-p', String(pid)]).catch(() => ({
    code: 1,
    output: '',
  }))
  if (ps.code !== 0) return isAlive(pid) ? undefined : false
  const [, state = '', command = ''] = /^(\S+)\s+(.*)$/s.exec(ps.output) ?? []
  if (state.startsWith('Z')) return false // it has ended, and nobody has asked how
  const [, folder] = /postgres\S* -D (.+?) -c listen_addresses=/.exec(command) ?? [] // as it is launched here
  if (folder !== undefined) return (await realpath(folder).catch(() => folder)) === (await realpath(cluster))
  return /postgres|postmaster/.test(command) && !command.startsWith('postgres: ') ? undefined : false // those are its children
}
