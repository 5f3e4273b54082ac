// A real PostgreSQL from npm, of this project only. A server that a killed parent left behind is taken over, with its data and its port.

import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../ports.ts'
import { CREDENTIALS, createCluster } from './cluster.ts'
import { chooseIdentity } from './identity.ts'
import { findPrograms } from './programs.ts'
import { type Identity, run } from './run.ts'
import { findRunning } from './running.ts'

// Given at every start, so that data made by an older checkout runs with today's settings.
const SETTINGS = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200, timezone: 'UTC', log_timezone: 'UTC' }

// What a killed server leaves for a moment: processes that have yet to notice.
const OLD_PROCESSES = 'pre-existing shared memory block'
const REMAINS = 10_000 // ms that this may take
const RETRY = 100 // ms

export type Options = { folder: string; port: number; log?: (message: string) => void }

/** Resolves when the server takes queries, on `port` or the next free one. It ends with `stop()`, or with this process as long as that is not killed. */
export async function startPostgres({ folder, port, log = () => {} }: Options) {
  const programs = await findPrograms()
  const home = resolve(folder)
  const cluster = join(home, 'cluster')
  const identity = await chooseIdentity(programs, home)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const adopted = await findRunning(cluster)
  if (adopted) log(`Postgres: still running on port ${adopted.port}, taken over`)
  else {
    await createCluster(programs, cluster, identity)
    await launch(programs, cluster, await freePort('Postgres', port, log), identity)
  }
  const server = adopted ?? (await findRunning(cluster))
  if (!server) throw new Error(`Postgres does not answer\n${await lastLines(cluster)}`)
  const stopNow = () => interrupt(server.pid)
  process.once('exit', stopNow)
  await createDatabase(server.port)
  return {
    url: `postgresql://${CREDENTIALS.user}:${CREDENTIALS.password}@127.0.0.1:${server.port}/${CREDENTIALS.database}`,
    port: server.port,
    adopted: Boolean(adopted),
    async stop() {
      process.off('exit', stopNow)
      await halt(programs, cluster, identity)
    },
  }
}

/** Stops the server that a killed parent left behind, if there is one. */
export async function stopOrphan(folder: string) {
  const home = resolve(folder)
  const cluster = join(home, 'cluster')
  if (!(await findRunning(cluster))) return
  const programs = await findPrograms()
  await halt(programs, cluster, await chooseIdentity(programs, home))
}

async function launch(programs: string, cluster: string, port: number, identity: Identity) {
  await rm(join(cluster, 'postmaster.pid'), { force: true }) // nobody answered for it
  const options = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `-c ${name}=${value}`)
  const start = ['start', '--wait', '--timeout=60', `--pgdata=${cluster}`, `--log=${cluster}.log`, `--options=${options.join(' ')}`]
  for (const end = Date.now() + REMAINS; ; await setTimeout(RETRY)) {
    const { code } = await run(join(programs, 'pg_ctl'), start, identity, true)
    if (code === 0) return
    const said = await lastLines(cluster)
    if (!said.includes(OLD_PROCESSES) || Date.now() > end) throw new Error(`Postgres did not start on port ${port}\n${said}`)
  }
}

async function halt(programs: string, cluster: string, identity: Identity) {
  await run(join(programs, 'pg_ctl'), ['stop', '--wait', '--mode=fast', `--pgdata=${cluster}`], identity)
}

/** A fast shutdown that nobody waits for. */
function interrupt(pid: number) {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // it has ended before us
  }
}

async function lastLines(cluster: string) {
  const text = await readFile(`${cluster}.log`, 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-8).join('\n')
}

async function createDatabase(port: number) {
  const client = new pg.Client({ ...CREDENTIALS, host: '127.0.0.1', port, database: 'postgres' })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [CREDENTIALS.database])
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(CREDENTIALS.database)}`)
  } finally {
    await client.end()
  }
}
