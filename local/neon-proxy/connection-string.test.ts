import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parseLogin } from './login.ts'
import { startProxied } from './fixtures.ts'
import { portOf } from '../machine/port-of.ts'

/** Another server, which is told nothing. */
async function listen() {
  let connections = 0
  const server = createServer((socket) => void (connections++, socket.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { port: portOf(server), connections: () => connections }
}

async function makeFifo() {
  const folder = await mkdtemp(join(tmpdir(), 'fifo-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  return join(folder, 'pipe')
}

test('no parameter of a connection string leads elsewhere, opens a file or changes the connection', async () => {
  const { post, database } = await startProxied()
  const other = await listen()
  const fifo = process.platform === 'win32' ? '/nowhere' : await makeFifo() // who opens it for reading waits for ever
  for (const parameters of [
    `host=127.0.0.1&port=${other.port}`,
    `hostaddr=127.0.0.1&port=${other.port}`,
    'sslmode=require&channel_binding=require',
    'sslmode=verify-full',
    'sslmode=nonsense',
    'ssl=true',
    'sslnegotiation=direct',
    ...['sslcert', 'sslkey', 'sslrootcert'].map((name) => `${name}=${fifo}`),
    'options=-c%20search_path%3Dnowhere',
    'user=nobody&password=wrong&database=nowhere',
    'statement_timeout=1&query_timeout=1&lock_timeout=1',
    'application_name=other&client_encoding=LATIN1&replication=true',
  ]) {
    const query =
      "select current_user, current_setting('search_path') as path, current_setting('application_name') as name"
    const response = await post({ query }, { 'Neon-Connection-String': `${database}?${parameters}` })
    const rows = [{ current_user: 'products', path: '"$user", public', name: 'neon-proxy' }]
    expect([parameters, await response.json()]).toMatchObject([parameters, { rows }])
  }
  expect(other.connections()).toBe(0)
})

test('no variable of the shell changes the connection', async () => {
  const { sql } = await startProxied() // which connects when it is asked
  const other = await listen()
  const shell = {
    PGHOST: 'nowhere',
    PGPORT: other.port,
    PGUSER: 'nobody',
    PGPASSWORD: 'wrong',
    PGOPTIONS: '-c search_path=nowhere',
    PGSSLMODE: 'require',
  }
  for (const [name, value] of Object.entries({ ...shell, PGAPPNAME: 'other', PGSSLNEGOTIATION: 'direct' }))
    vi.stubEnv(name, `${value}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await sql`select current_setting('search_path') as path`).toEqual([{ path: '"$user", public' }])
  expect(other.connections()).toBe(0)
})

test('user, password and database are what is written, percent-encoding undone', () => {
  expect(parseLogin('postgres://a%40b:p%2F%3Fw%25@host:1/my%20db?x=y')).toEqual({
    user: 'a@b',
    password: 'p/?w%',
    database: 'my db',
  })
  expect(() => parseLogin('postgres://a:%zz@host/db')).toThrow('invalid connection string: malformed percent-encoding')
})
