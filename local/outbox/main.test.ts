import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { newClient } from '../machine/pg-client.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../rig/outbox.ts'
import { stage } from '../rig/stage.ts'

const ID = '01234567-89ab-cdef-0123-456789abcdef'

/** `npm run outbox` without a terminal. */
async function outbox(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code, stdout, stderr }
}

describe('on a database', () => {
  const { env, sql } = stage()
  const on = { DATABASE_URL: env.DATABASE_URL }
  const { host, pathname } = new URL(env.DATABASE_URL)

  beforeEach(() => emptyOutbox(sql))

  test('the status is a screen for people, and JSON for scripts, whatever PG* variables say', async () => {
    await insertEvents(sql, 2)
    const strange = { PGOPTIONS: '-c search_path=nowhere', PGSSLMODE: 'require', PGHOST: '127.0.0.2', PGPASSWORD: 'x' }
    const { code, stdout, stderr } = await outbox(['status'], { ...on, ...strange })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Database   ${host}${pathname}\nPending    2 events, the oldest for `)
    const json = await outbox(['status', '--json'], on)
    expect(JSON.parse(json.stdout)).toMatchObject({
      verb: 'status',
      database: host + pathname,
      pending: 2,
      lease: { held: false },
    })
  })

  test('a database that is named comes before that of the environment, by a file or by its URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outbox-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'secrets')
    await writeFile(file, `API_TOKENS=none\nDATABASE_URL="${env.DATABASE_URL}"\n`)
    const elsewhere = { DATABASE_URL: 'postgresql://u:s3cret@127.0.0.1:1/d' }
    expect(await outbox(['list', '--secrets-file', file], elsewhere)).toEqual({
      code: 0,
      stdout: 'No event waits.\n',
      stderr: '',
    })
    expect(await outbox(['list', '--database-url', env.DATABASE_URL], elsewhere)).toMatchObject({ code: 0 })
    await writeFile(file, `DATABASE_URL=${elsewhere.DATABASE_URL}\nMIGRATIONS_URL="${env.DATABASE_URL}"\n`)
    expect(await outbox(['list', '--secrets-file', file])).toMatchObject({ code: 0 }) // as the owner of the outbox
    await writeFile(file, 'API_TOKENS=none\n')
    expect(await outbox(['list', '--secrets-file', file], on)).toEqual({
      code: 1,
      stdout: '',
      stderr: `npm run outbox: DATABASE_URL in ${file} is missing\n`,
    })
  })

  test('nothing is dropped without a terminal to ask on, unless --yes says so', async () => {
    const [id = '', other = ''] = await insertEvents(sql, 2)
    const { code, stdout, stderr } = await outbox(['drop', id], on)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--yes')
    expect(await outbox(['drop', id, '--dry-run'], on)).toEqual({
      code: 0,
      stdout: 'Would drop 1 pending event.\n',
      stderr: '',
    })
    expect(await pendingEvents(sql)).toBe(2)
    expect(await outbox(['drop', id, '--yes'], on)).toEqual({
      code: 0,
      stdout: 'Dropped 1 pending event.\n',
      stderr: '',
    })
    const json = await outbox(['drop', other, '--yes', '--json'], on)
    expect(JSON.parse(json.stdout)).toEqual({ verb: 'drop', dry_run: false, pending: 1, dead: 0, publishing: false })
  })

  test('what is not there is named with exit code 1, and a wrong use with 2', async () => {
    expect(await outbox(['redrive', ID], on)).toEqual({
      code: 1,
      stdout: '',
      stderr: `npm run outbox: nothing was changed, as there is no dead event ${ID}\n`,
    })
    expect(await outbox(['release', 'nothing'], on)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('held back for nothing'),
    })
    expect(await outbox(['redrive', '--every'], on)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--every'"),
    })
    expect(await outbox([], on)).toMatchObject({ code: 2, stderr: expect.stringContaining('  redrive ID… | --all') })
    expect(await outbox(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('  redrive ID… | --all'),
    })
  })
})

const { DATABASE_URL } = inject('services')

test.each([
  ['no URL', 'u:s3cret@here', '--database-url is not of the form postgresql://user:password@host/database'],
  [
    'a URL of something else',
    'mysql://u:s3cret@here/d',
    '--database-url is not of the form postgresql://user:password@host/database',
  ],
  [
    'nobody there',
    'postgresql://u:s3cret@127.0.0.1:1/d',
    '127.0.0.1:1/d cannot be used: connect ECONNREFUSED 127.0.0.1:1',
  ],
  [
    'a wrong password',
    DATABASE_URL.replace(/:[^:@]+@/, ':s3cret@'),
    `${new URL(DATABASE_URL).host}/products cannot be used: password authentication failed for user "products"`,
  ],
])('%s is one line without a password', async (_, url, reason) => {
  expect(await outbox(['status', '--database-url', url])).toEqual({
    code: 1,
    stdout: '',
    stderr: `npm run outbox: ${reason}\n`,
  })
})

test('a database without our tables, or with those of before, is told to migrate', async () => {
  const url = await createDatabase(DATABASE_URL)
  onTestFinished(() => dropDatabase(url))
  const client = newClient(url)
  await client.connect()
  const told = {
    code: 1,
    stdout: '',
    stderr: 'npm run outbox: this database has no outbox, or one of an older version: run npm run migrate\n',
  }
  try {
    await client.query('alter table outbox_held rename column target to topic')
    expect(await outbox(['release', 'topic', '--database-url', url])).toEqual(told)
    await client.query('drop table outbox_held cascade; drop table outbox, outbox_dead, outbox_lease')
  } finally {
    await client.end()
  }
  for (const verb of [['status'], ['list'], ['redrive', '--all'], ['drop', ID, '--yes']])
    expect(await outbox([...verb, '--database-url', url])).toEqual(told)
})
