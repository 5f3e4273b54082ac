// A real PostgreSQL from npm, of this project only. A server that a killed parent left behind is taken over, with its
// data and its port.

import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../machine/ports.ts'
import { createCluster } from './initdb.ts'
import { isAlive } from '../machine/is-alive.ts'
import { halt } from './halt.ts'
import { chooseIdentity } from './identity.ts'
import { applicationLogin, passwordFile, SUPERUSER, superuserLogin, urlOf } from './logins.ts'
import { findPrograms } from './programs.ts'
import { createRoles, demoteRole } from './roles.ts'
import { type Identity, run } from './run.ts'
import { findRunning, isServer, pidFile, readPidFile } from './running.ts'

// Given at every start, so that data made by an older checkout runs with today's settings.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
}

// What a killed server leaves for a moment: processes that have yet to notice.
const OLD_PROCESSES = 'pre-existing shared memory block'
const REMAINS = 10_000 // ms that this may take
const RETRY = 100 // ms
const FIRST_ANSWER = 30_000 // ms; it is there, and may be slow as the whole machine is

export type Options = { folder: string; port: number; log?: (message: string) => void }

/**
 * Resolves when the server takes queries, on `port` or the next free one. It ends with `stop()`, or with this process
 * as long as that is not killed; a start that fails leaves none. `superuserUrl` is for what the application must not
 * do.
 */
export async function startPostgres({ folder, port, log = () => {} }: Options) {
  const programs = await findPrograms()
  const home = resolve(folder)
  const cluster = join(home, 'cluster')
  const identity = await chooseIdentity(programs, home)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const adopted = await findRunning(cluster)
  if (adopted) log(`Postgres: still running on port ${adopted.port}, taken over`)
  let stranger: number | undefined // a process that the pid file of a crashed server names, and that is not ours to end
  const stopNow = () => interrupt(cluster, stranger)
  const stop = async () => {
    await halt(programs, cluster, identity)
    process.off('exit', stopNow)
  }
  try {
    if (!adopted) {
      await createCluster(programs, cluster, identity)
      await makeWay(programs, cluster, identity)
      stranger = (await readPidFile(cluster))?.pid
      process.once('exit', stopNow)
      await launch(programs, cluster, await freePort('Postgres', port, log), identity)
    } else process.once('exit', stopNow)
    const server = adopted ?? (await findRunning(cluster, FIRST_ANSWER))
    if (!server) throw new Error(`Postgres does not answer\n${await lastLines(cluster)}`)
    if (server.isOldLayout) {
      await demoteRole(server.superuser, cluster)
      log(`Postgres: products is no superuser any more. ${SUPERUSER} is, with the password in ${passwordFile(cluster)}`)
    }
    const superuser = (await superuserLogin(cluster, server.port)) ?? server.superuser
    await createRoles(superuser)
    const url = urlOf(applicationLogin(server.port))
    return { url, superuserUrl: urlOf(superuser), port: server.port, adopted: Boolean(adopted), stop }
  } catch (error) {
    const [stopped] = await Promise.allSettled([stop()])
    throw stopped.status === 'rejected' ? new AggregateError([error, stopped.reason]) : error
  }
}

/** Stops the server that a killed parent left behind, if there is one. */
export async function stopOrphan(folder: string) {
  const home = resolve(folder)
  const cluster = join(home, 'cluster')
  if (!(await readPidFile(cluster))) return
  const programs = await findPrograms()
  await halt(programs, cluster, await chooseIdentity(programs, home))
}

/**
 * For a start on these files. A server that runs on them without answering is ended; its file postmaster.pid is
 * removed only where another program has its pid by now. Where no program has it, Postgres sees for itself.
 */
async function makeWay(programs: string, cluster: string, identity: Identity) {
  const { pid } = (await readPidFile(cluster)) ?? {}
  if (pid === undefined) return
  await halt(programs, cluster, identity)
  if (isAlive(pid) && (await isServer(pid, cluster)) === false) await rm(pidFile(cluster), { force: true })
}

async function launch(programs: string, cluster: string, port: number, identity: Identity) {
  const options = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `-c ${name}=${value}`)
  const start = [
    'start',
    '--wait',
    '--timeout=60',
    `--pgdata=${cluster}`,
    `--log=${cluster}.log`,
    `--options=${options.join(' ')}`,
  ]
  for (const end = Date.now() + REMAINS; ; await setTimeout(RETRY)) {
    const { code } = await run(join(programs, 'pg_ctl'), start, identity, true)
    if (code === 0) return
    const said = await lastLines(cluster)
    if (!said.includes(OLD_PROCESSES) || Date.now() > end)
      throw new Error(`Postgres did not start on port ${port}\n${said}`)
  }
}

/** A fast shutdown that nobody waits for, of the server that was found or launched here. */
function interrupt(cluster: string, stranger: number | undefined) {
  try {
    const pid = Number.parseInt(readFileSync(pidFile(cluster), 'utf8'), 10)
    if (pid !== stranger) process.kill(pid, 'SIGINT')
  } catch {
    // it has ended before us
  }
}

async function lastLines(cluster: string) {
  const text = await readFile(`${cluster}.log`, 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-8).join('\n')
}
