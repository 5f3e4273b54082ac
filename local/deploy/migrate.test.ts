import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { newClient } from '../machine/pg-client.ts'
import { someDatabase } from './fixtures.ts'
import { migrate } from './migrate.ts'

const { DATABASE_URL } = inject('services')

const emptyDatabase = async () => (await someDatabase()).url

/** `npm run migrate` with a DATABASE_URL. */
async function run(databaseUrl: string, ...args: string[]) {
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  const command = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'migrate.ts'), ...args], { env })
  return command.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('an empty database gets everything, once, however many ask at the same time', async () => {
  const url = await emptyDatabase()
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
  expect(applied.filter((names) => names.length > 0)).toEqual([expect.arrayContaining(['0001_products'])])
  expect(await migrate(url)).toEqual([])
})

test('the script says what it applied, and nothing when nothing was to do', async () => {
  const url = await emptyDatabase()
  expect(await run(url)).toEqual({ code: 0, stdout: expect.stringContaining('Migrated: 0001_products\n'), stderr: '' })
  expect(await run(url)).toEqual({ code: 0, stdout: '', stderr: '' })
})

test.each([
  ['no URL', 'products:secret@here', 'DATABASE_URL is no postgresql:// URL'],
  ['half a URL', 'postgresql://products:secret@', 'DATABASE_URL is no postgresql:// URL'],
  ['another scheme', 'mysql://products:secret@here/products', 'DATABASE_URL is no postgresql:// URL'],
  ['nobody there', 'postgresql://products:secret@127.0.0.1:1/products', 'connect ECONNREFUSED 127.0.0.1:1'],
  [
    'a wrong password',
    DATABASE_URL.replace(/:[^:@]+@/, ':secret@'),
    'password authentication failed for user "products"',
  ],
])('%s is one line and exit code 1', async (_, url, reason) => {
  expect(await run(url)).toEqual({ code: 1, stdout: '', stderr: `Migration failed: ${reason}\n` })
})

test('a file whose migrations would go to another database than its Workers use is refused', async () => {
  const [ours, other] = [await someDatabase(), await emptyDatabase()]
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'secrets')
  await writeFile(file, `MIGRATIONS_URL=${ours.url}\nDATABASE_URL=${other}\n`)
  expect(await run('', '--secrets-file', file)).toEqual({
    code: 1,
    stdout: '',
    stderr: `Migration failed: MIGRATIONS_URL in ${file} is another database than DATABASE_URL\n`,
  })
  await expect(ours.migrated()).rejects.toThrow('pgmigrations')
})

describe('while somebody holds a lock that a migration takes', () => {
  async function held() {
    const url = await emptyDatabase()
    await migrate(url)
    const holder = newClient(url)
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query('begin; lock table pgmigrations')
    return { url, release: () => holder.query('rollback') }
  }

  test('it gives way to those behind it, and tries until the lock is free', async () => {
    const { url, release } = await held()
    const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const migrated = migrate(url, { lockMs: 50, tries: 100_000 })
    await expect.poll(() => said.mock.calls.length).toBeGreaterThanOrEqual(2)
    await release()
    expect(await migrated).toEqual([])
    expect(said.mock.calls[0]?.[0]).toContain('trying again, 1 of 100000')
  })

  test('it ends with who that may be, where the lock is never free', async () => {
    const { url } = await held()
    await expect(migrate(url, { lockMs: 50, tries: 1 })).rejects.toThrow('pg_stat_activity')
  })
})
