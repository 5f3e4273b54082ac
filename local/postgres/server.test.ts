import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { newFolder, query } from './fixtures.ts'
import { isAlive } from '../machine/is-alive.ts'
import { chooseIdentity } from './identity.ts'
import { findPrograms } from './programs.ts'
import { startPostgres } from './server.ts'

/** A process that starts a server, says its URL and stays. */
function startParent(folder: string) {
  const program = `import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'server.ts'))}
    process.on('SIGTERM', () => process.exit())
    const { url } = await startPostgres({ folder: ${JSON.stringify(folder)}, port: 0 })
    console.log(url)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function parent(folder: string) {
  const child = startParent(folder)
  const [url] = await once(child.stdout, 'data')
  return { child, url: String(url).trim() }
}

const pidFile = (folder: string) => join(folder, 'cluster/postmaster.pid')
const pidOf = async (folder: string) => Number((await readFile(pidFile(folder), 'utf8')).split('\n')[0])

test('the server has the settings of Neon, and its data stays', async () => {
  const folder = await newFolder()
  const first = await startPostgres({ folder, port: 0 })
  expect(first.url).toBe(`postgresql://products:products@127.0.0.1:${first.port}/products`)
  const sql = `select current_setting('server_version_num')::int / 10000 as version, current_setting('timezone') as zone,
    datlocale as locale, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`
  expect(await query(first.url, sql)).toEqual([{ version: 18, zone: 'UTC', locale: 'C.UTF-8', encoding: 'UTF8' }])
  await query(first.url, 'create table kept (n int)')
  await first.stop()
  await expect(query(first.url, 'select')).rejects.toThrow('ECONNREFUSED')

  const second = await startPostgres({ folder, port: 0 })
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select * from kept')).toEqual([])
  await second.stop()
})

test('the server of a killed parent is taken over, on its own port', ANEW_IF_BUSY, async () => {
  const folder = await newFolder()
  const { child, url } = await parent(folder)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const said: string[] = []
  const server = await startPostgres({ folder, port: 0, log: (message) => said.push(message) })
  expect(server).toMatchObject({ adopted: true, url })
  expect(said).toEqual([`Postgres: still running on port ${server.port}, taken over`])
  await server.stop()
  await expect(query(url, 'select')).rejects.toThrow('ECONNREFUSED')
})

test('the server ends with a parent that forgets to stop it', async () => {
  const folder = await newFolder()
  const { child, url } = await parent(folder)
  child.kill('SIGTERM')
  await once(child, 'exit')
  await expect.poll(() => query(url, 'select').catch((error) => error.code)).toBe('ECONNREFUSED')
})

test('a killed server is started anew, with what it had committed', async () => {
  const folder = await newFolder()
  const first = await startPostgres({ folder, port: 0 })
  await query(first.url, 'create table kept (n int)')
  process.kill(await pidOf(folder), 'SIGKILL')
  await expect.poll(() => query(first.url, 'select').catch((error) => error.code)).toBe('ECONNREFUSED')
  const second = await startPostgres({ folder, port: first.port })
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select * from kept')).toEqual([])
  await second.stop()
})

test('a start waits for the last processes of a killed server', ANEW_IF_BUSY, async () => {
  const folder = await newFolder()
  const first = await startPostgres({ folder, port: 0 })
  const postmaster = await pidOf(folder)
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid='])
  const child =
    stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .find(([, parent]) => parent === postmaster)?.[0] ?? 0
  process.kill(child, 'SIGSTOP') // it does not notice that its parent is gone
  process.kill(postmaster, 'SIGKILL')
  await expect.poll(() => query(first.url, 'select').catch((error) => error.code)).toBe('ECONNREFUSED')
  const starting = startPostgres({ folder, port: 0 })
  await expect.poll(() => readFile(join(folder, 'cluster.log'), 'utf8')).toContain('pre-existing shared memory block')
  process.kill(child, 'SIGCONT')
  await (await starting).stop()
})

test('what a crash left in postmaster.pid is not believed: the process is another one, the port has another Postgres', async () => {
  const folder = await newFolder()
  const other = await startPostgres({ folder: await newFolder(), port: 0 })
  const server = await startPostgres({ folder, port: 0 })
  const stale = (await readFile(pidFile(folder), 'utf8')).split('\n')
  await server.stop()
  await writeFile(pidFile(folder), stale.with(0, String(process.pid)).with(3, String(other.port)).join('\n'))
  const again = await startPostgres({ folder, port: 0 })
  expect(again.adopted).toBe(false)
  expect(again.port).not.toBe(other.port)
  await again.stop()
  await other.stop()
})

test('a pid file stays while its process may be a server on these files, and that process is left alone', async () => {
  const folder = await newFolder()
  const server = await startPostgres({ folder, port: 0 })
  const lines = (await readFile(pidFile(folder), 'utf8')).split('\n')
  await server.stop()
  const { uid, gid } = await chooseIdentity(await findPrograms(), folder) // Postgres looks at processes of its own user
  const user = uid === undefined || gid === undefined ? {} : { uid, gid }
  const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
    ...user,
    argv0: '/usr/bin/postgres',
    stdio: 'ignore',
  })
  onTestFinished(() => void other.kill('SIGKILL'))
  await writeFile(pidFile(folder), lines.with(0, String(other.pid)).join('\n'))
  await expect(startPostgres({ folder, port: 0 })).rejects.toThrow('lock file "postmaster.pid" already exists')
  expect(await pidOf(folder)).toBe(other.pid)
  expect(other.signalCode).toBe(null)
})

test('a first start that was killed does no harm', async () => {
  const folder = await newFolder()
  const child = startParent(folder)
  await expect
    .poll(async () => (await readdir(folder)).join(), { interval: 5 })
    .toMatch(/cluster-\S+(?<!password)(,|$)/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(join(folder, 'cluster'))).toBe(false)
  const server = await startPostgres({ folder, port: 0 })
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('a start that fails ends the server that it launched', async () => {
  const folder = await newFolder()
  await (await startPostgres({ folder, port: 0 })).stop()
  await writeFile(join(folder, 'cluster/superuser-password'), 'another')
  await expect(startPostgres({ folder, port: 0 })).rejects.toThrow('Postgres does not answer')
  expect(existsSync(pidFile(folder))).toBe(false)
})

test('a server that does not answer is ended before another starts on its files', async () => {
  const folder = await newFolder()
  const { child } = await parent(folder)
  const stopped = await pidOf(folder)
  process.kill(stopped, 'SIGSTOP')
  onTestFinished(() => void (isAlive(stopped) && process.kill(stopped, 'SIGKILL')))
  child.kill('SIGKILL')
  const server = await startPostgres({ folder, port: 0 })
  onTestFinished(server.stop)
  expect(server.adopted).toBe(false)
  await expect.poll(() => isAlive(stopped)).toBe(false)
})

test('stopping a server ends one that hangs', async () => {
  const folder = await newFolder()
  const server = await startPostgres({ folder, port: 0 })
  const pid = await pidOf(folder)
  process.kill(pid, 'SIGSTOP')
  onTestFinished(() => void (isAlive(pid) && process.kill(pid, 'SIGKILL')))
  await server.stop()
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test("nothing of the shell's is about this server", async () => {
  const settings = {
    PGDATA: '/nowhere',
    PGPORT: '1',
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=x',
    PGSSLNEGOTIATION: 'direct',
  }
  for (const [name, value] of Object.entries({ ...settings, PGHOST: 'nowhere', PGUSER: 'x', PGDATABASE: 'x' }))
    vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const folder = await newFolder()
  const { url, stop } = await startPostgres({ folder, port: 0 })
  onTestFinished(stop)
  expect(await query(url, 'show search_path')).toEqual([{ search_path: '"$user", public' }])
})
