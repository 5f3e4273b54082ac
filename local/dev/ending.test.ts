// Nothing keeps it from ending, and nothing waits in silence.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { newClient } from '../machine/pg-client.ts'
import { dev, newPlace, nothingLeft, type Place, post, processes, product, SLOW } from './fixtures.ts'

/** The pids of the workerd that has the API's port, of those behind it, and of wrangler. */
async function workerds({ offset }: Place) {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='], { maxBuffer: 10_000_000 })
  const lines = [...stdout.matchAll(/^ *(\d+) +(\d+) (.*workerd serve.*)$/gm)]
  const all = lines.map(([, pid, parent, line]) => ({ pid: Number(pid), parent: Number(parent), line }))
  const front = all.find(({ line }) => line?.includes(`127.0.0.1:${8787 + offset}`))
  if (!front) throw new Error('No workerd has the port of the API')
  const behind = all.filter(({ pid, parent }) => parent === front.parent && pid !== front.pid)
  return { front: front.pid, behind: behind.map(({ pid }) => pid), parent: front.parent }
}

/** Postgres stands still, as a process under a debugger or on a full disk does. */
async function stopPostgres({ folder }: Place) {
  const pid = Number.parseInt(await readFile(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8'), 10)
  process.kill(pid, 'SIGSTOP')
}

/** The parent of workerd: killed while it stands still, it can end none of what it has started. */
async function stopWrangler(place: Place) {
  process.kill((await workerds(place)).parent, 'SIGSTOP')
}

test.each([
  ['Postgres', stopPostgres],
  ['wrangler', stopWrangler],
])('Ctrl-C ends it though %s hangs, and leaves nothing behind', async (_, stop) => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  await ready()
  await stop(place)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  expect(output()).toContain('Stopping. Another Ctrl-C does not wait\n')
  await expect.poll(() => processes(place), SLOW).toEqual([])
})

test('a second Ctrl-C does not wait for what hangs; npm, which passes the first one on, is no second one', async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  await ready()
  await stopPostgres(place)
  child.kill('SIGINT')
  child.kill('SIGINT')
  await expect.poll(output, SLOW).toContain('Stopping. Another Ctrl-C does not wait\n')
  child.kill('SIGINT')
  expect(await exited).toBe(130)
})

test('Ctrl-C ends a start, and leaves nothing behind', async () => {
  const place = await newPlace()
  const { child, exited, output } = dev(place)
  await expect.poll(async () => (await processes(place)).join(), SLOW).toMatch(/postgres -D|initdb/)
  child.kill('SIGINT')
  await exited
  expect(output()).not.toContain('Ready')
  await expect.poll(() => processes(place), SLOW).toEqual([])
})

test('a migration that waits for the lock of another says so, and Ctrl-C does not wait for it', async () => {
  const place = await newPlace()
  const url = await createDatabase(inject('services').DATABASE_URL)
  onTestFinished(() => dropDatabase(url))
  const other = newClient(url)
  await other.connect()
  onTestFinished(() => other.end())
  await other.query('select pg_advisory_lock($1)', [PG_MIGRATE_LOCK_ID])
  const { child, exited, output } = dev(place, [], { DATABASE_URL: url })
  await expect.poll(output, SLOW).toContain('Postgres: the migration has not ended yet. Another one may hold its lock')
  child.kill('SIGINT')
  expect(await exited).toBe(1)
  expect(output()).toContain('npm run dev: something does not end, and is left to itself\n')
  await expect.poll(() => processes(place), SLOW).toEqual([])
})

test('one that stands still is named to the next', async () => {
  const place = await newPlace()
  const first = dev(place)
  await first.ready()
  first.child.kill('SIGSTOP')
  const second = dev(place)
  expect(await second.exited).toBe(1)
  expect(second.output()).toBe(
    'npm run dev: already running: a process that says nothing. If it is stopped, let it go on with `fg`, or end it\n',
  )
  first.child.kill('SIGCONT')
  first.child.kill('SIGINT')
  expect(await first.exited).toBe(0)
})

test('a folder that cannot be written is named, with what to do', async () => {
  const place = await newPlace()
  const { exited, output } = dev(place, [], { LOCAL_DATA: join(import.meta.filename, 'data') })
  expect(await exited).toBe(1)
  expect(output()).toMatch(
    /^npm run dev: data cannot be kept: ENOTDIR.*\. Name a folder that you can write in LOCAL_DATA\n$/,
  )
})

const CRASHED = /workerd has crashed, and the API has not answered for 10 s\. .*Ctrl-C, and start again\n/

test('the end of the workerd in front of the Workers, which does not come back, is said with what to do', async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  await ready()
  process.kill((await workerds(place)).front, 'SIGKILL')
  await expect.poll(output, SLOW).toMatch(CRASHED)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
})

test('the workerd of the Workers comes back after a crash', async () => {
  const place = await newPlace()
  const { child, ready, exited } = dev(place)
  const api = await ready()
  const { behind } = await workerds(place)
  expect(behind).not.toEqual([])
  for (const pid of behind) process.kill(pid, 'SIGKILL')
  await expect.poll(async () => (await post(api, product)).status, SLOW).toBe(201)
  expect((await workerds(place)).behind).not.toEqual(behind)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
})

test("a terminal's Ctrl-C, which workerd has too, is no crash", async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  await ready()
  process.kill((await workerds(place)).front, 'SIGINT')
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  expect(output()).not.toContain('workerd has crashed')
})

test('a shell full of settings for other programs changes nothing', async () => {
  const place = await newPlace()
  const { child, ready, exited } = dev(place, [], {
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=x',
    PGSSLNEGOTIATION: 'direct',
    PGHOST: 'elsewhere.invalid',
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
    NODE_ENV: 'production',
  })
  const api = await ready()
  expect((await post(api, product)).status).toBe(201)
  await expect
    .poll(async () => (await fetch(`${api}/health`)).json(), SLOW)
    .toMatchObject({ status: 'ok', outbox: { pending: 0 } })
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  await nothingLeft(place)
})
