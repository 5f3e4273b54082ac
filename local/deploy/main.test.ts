import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { HANDLERS } from '../../lib/handlers.ts'
import { parseDeployment, SECRETS, secretsFor, WHOLE } from './deployment.ts'
import { someDatabase } from './fixtures.ts'
import { warnings } from './secrets.ts'

const names = (...args: string[]) => parseDeployment(args).workers.map(({ name }) => name)
const deploy = (args: string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })

test('everything goes out in a safe order: migrations, the relay, the functions, and the gateway that needs them', () => {
  const all = names()
  expect(all[0]).toBe('relay-events')
  expect(all.at(-1)).toBe('gateway')
  expect(all.toSorted()).toEqual(['gateway', ...HANDLERS.map(({ name }) => name)].toSorted())
  expect(parseDeployment([]).migrates).toBe(true)
})

test('one function goes out alone, and a dry run changes nothing', () => {
  expect(names('create-product')).toEqual(['create-product'])
  expect(parseDeployment(['create-product']).migrates).toBe(false)
  expect(parseDeployment(['--dry-run'])).toMatchObject({ migrates: false, dryRun: true })
})

test('of the secrets a function gets those that it needs', () => {
  const file =
    'DATABASE_URL=postgresql://u:p$x@h/d\nKAFKA_BOOTSTRAP_SERVERS=k:9092\nKAFKA_SASL_PASSWORD="p w"\nAPI_TOKENS=none\nAWS_KEY=x\n'
  const secrets = (name: string) =>
    JSON.parse(secretsFor(HANDLERS.find((one) => one.name === name) ?? { secrets: [] }, file))
  expect(secrets('list-products')).toEqual({ DATABASE_URL: 'postgresql://u:p$x@h/d', API_TOKENS: 'none' })
  expect(secrets('relay-events')).toEqual({
    DATABASE_URL: 'postgresql://u:p$x@h/d',
    KAFKA_BOOTSTRAP_SERVERS: 'k:9092',
    KAFKA_SASL_PASSWORD: 'p w',
  })
  expect(secrets('gateway')).toEqual({})
})

/** A file with secrets, for one test. */
async function secretsFile(text: string | Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, '.env.production')
  await writeFile(file, text)
  return file
}
const failure = (error: { code: number; stdout: string; stderr: string }) => error
const nowhere = (database: string, role = 'products') => `postgresql://${role}:s3cret@127.0.0.1:1/${database}`

test('what reads logs in to the database as a reader, where there is one', () => {
  const file = `DATABASE_URL=${nowhere('p', 'writer')}\nDATABASE_URL_READER=${nowhere('p', 'reader')}\nMIGRATIONS_URL=${nowhere('p', 'owner')}\nAPI_TOKENS=none\n`
  for (const worker of HANDLERS.filter(({ secrets }) => secrets.includes('DATABASE_URL'))) {
    const { DATABASE_URL, ...others } = JSON.parse(secretsFor(worker, file))
    const reads = ['get-product', 'list-products', 'health'].includes(worker.name)
    expect([worker.name, DATABASE_URL]).toEqual([worker.name, nowhere('p', reads ? 'reader' : 'writer')])
    expect(Object.keys(others)).toEqual(worker.secrets.includes('API_TOKENS') ? ['API_TOKENS'] : [])
  }
})

test('all in one Worker goes out only where it is named, and has the secrets of the writers', () => {
  expect(names('product-api')).toEqual(['product-api'])
  const file = `DATABASE_URL=${nowhere('p')}\nMIGRATIONS_URL=${nowhere('p', 'owner')}\nOTHER=x\n`
  expect(JSON.parse(secretsFor(WHOLE, file))).toEqual({ DATABASE_URL: nowhere('p') })
})

test.each([
  [
    'that the file names as another',
    `DATABASE_URL=${nowhere('ours')}`,
    { DATABASE_URL: nowhere('other') },
    'DATABASE_URL',
  ],
  [
    'that readers have by another name',
    `DATABASE_URL=${nowhere('ours')}`,
    { DATABASE_URL_READER: nowhere('other') },
    'DATABASE_URL_READER',
  ],
])('a database in the shell %s is refused, and nothing is migrated', async (_, text, env, name) => {
  const file = await secretsFile(text)
  for (const args of [[], ['create-product'], ['--dry-run']]) {
    const failed = await deploy([...args, '--secrets-file', file], env).catch(failure)
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain(
      `npm run deploy: ${name} in the shell is another database than in ${file}, which counts: unset it\n`,
    )
    expect(failed.stderr).not.toContain('s3cret')
  }
})

test('migrations that go to another database than the Workers use are refused', async () => {
  const file = await secretsFile(`DATABASE_URL=${nowhere('ours')}\nMIGRATIONS_URL=${nowhere('other')}`)
  const failed = await deploy(['--secrets-file', file]).catch(failure)
  expect(failed.stderr).toContain(`MIGRATIONS_URL in ${file} is another database than DATABASE_URL\n`)
})

test('the file counts, whatever the shell says of the same database', async () => {
  const { url, migrated } = await someDatabase()
  const stranger = new URL(url)
  stranger.username = 'stranger'
  const file = await secretsFile(`DATABASE_URL=${stranger.href}\n`)
  const HOME = dirname(file) // where nobody has logged in to Cloudflare
  const failed = await deploy(['--secrets-file', file], { DATABASE_URL: url, HOME }).catch(failure)
  expect(failed.stderr).toContain('npm run deploy: password authentication failed for user "stranger"\n')
  await expect(migrated()).rejects.toThrow('pgmigrations')
})

test('the mark of byte order that Windows writes is no part of the first name', async () => {
  const file = await secretsFile(`\uFEFFDATABASE_URL=${nowhere('ours')}\n`)
  const failed = await deploy(['--secrets-file', file]).catch(failure)
  expect(failed.stderr).toContain('npm run deploy: connect ECONNREFUSED 127.0.0.1:1\n')
})

test('what a file is taken to say otherwise than it may be meant is a warning, without a value', async () => {
  const lines = [
    'DATABASE_URL=postgresql://u:hush#hush@h/d',
    'A="hush#hush"',
    "B='hush#hush'",
    '# C=hush#hush',
    'D=hush # why',
  ]
  expect(warnings(lines.join('\n'), ['DATABASE_URL', 'A', 'D'])).toEqual([
    'DATABASE_URL ends before its #, which begins a comment: in a URL it is written %23',
    'D ends before its #, which begins a comment: quotes around the value make it a part',
    'B is no secret that a Worker takes, and goes nowhere: lib/settings.ts has what is none',
    expect.stringMatching(/^one role of the database serves for several purposes/),
  ])
  const roles = [`DATABASE_URL=${nowhere('p', 'w')}`, `DATABASE_URL_READER=${nowhere('p', 'r')}`]
  expect(warnings([...roles, `MIGRATIONS_URL=${nowhere('p', 'o')}`].join('\n'), SECRETS)).toEqual([])
  expect(warnings(roles.join('\n'), SECRETS)).toHaveLength(1)
  const file = await secretsFile(lines.join('\n'))
  const failed = await deploy(['--dry-run', '--secrets-file', file]).catch(failure)
  expect(failed.stderr).toContain(`Warning: in ${file} DATABASE_URL ends before its #`)
  expect(failed.stderr).not.toContain('hush')
})

test.each(['DATABASE_URL', 'DATABASE_URL_READER', 'MIGRATIONS_URL'])(
  'a password with a character of URLs in %s is told from another database, and nothing goes out',
  async (name) => {
    const others = { DATABASE_URL: nowhere('p'), DATABASE_URL_READER: nowhere('p'), MIGRATIONS_URL: nowhere('p') }
    for (const password of ['hush#', '1#hush', 'hush/', 'hush?']) {
      const secrets = { ...others, [name]: `"postgresql://u:${password}@127.0.0.1:1/p"` }
      const file = await secretsFile(
        Object.entries(secrets)
          .map((entry) => entry.join('='))
          .join('\n'),
      )
      const failed = await deploy(['--dry-run', 'gateway', '--secrets-file', file]).catch(failure)
      expect(failed).toMatchObject({ code: 1, stdout: '' })
      expect(failed.stderr).toContain(`${name} in ${file} is not of the form postgresql://user:password@host/database`)
      expect(failed.stderr).not.toContain('hush')
    }
  },
)

test.each([
  ['with', [0xff, 0xfe, 0x41, 0x00]],
  ['without', [0x41, 0x00]],
])('a file in UTF-16 %s its mark is named', async (_, bytes) => {
  const file = await secretsFile(Uint8Array.from(bytes))
  expect((await deploy(['--dry-run', 'gateway', '--secrets-file', file]).catch(failure)).stderr).toBe(
    `npm run deploy: ${file} is not in UTF-8\n`,
  )
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves no secret on disk', async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'interrupted-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = await secretsFile(`DATABASE_URL=${nowhere('ours')}\n`)
  const args = [join(import.meta.dirname, 'main.ts'), '--dry-run', 'create-product', '--secrets-file', file]
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, TMPDIR: folder }, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const files = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => /^product-api-deploy-\w+\/create-product$/.test(name))
  await expect.poll(files).toHaveLength(1)
  child.kill(signal)
  expect(await exited).toEqual([130, null])
  expect(await files()).toEqual([])
})

test('a dry run builds a function offline', async () => {
  const { stdout } = await deploy(['--dry-run', 'gateway'], {
    HTTPS_PROXY: 'http://127.0.0.1:1',
    HTTP_PROXY: 'http://127.0.0.1:1',
  })
  expect(stdout).toContain('Building gateway')
  expect(stdout).toContain('env.CREATE_PRODUCT')
  expect(stdout).toContain('--dry-run: exiting now.')
})

test('npm run deploy goes on with the Node of npm', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'node-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const node = join(folder, 'node')
  await writeFile(node, '#!/bin/sh\necho "$DATABASE_URL $*"\nexit 7\n', { mode: 0o755 })
  const npm = { npm_node_execpath: node, npm_config_user_agent: 'npm/11.19.1 node/v24.0.0 linux x64' }
  const args = ['create-product', '--secrets-file', 'no such file']
  const failed = await deploy(args, { ...npm, DATABASE_URL: 'secret' }).catch(
    (error: { code: number; stdout: string }) => error,
  )
  expect(failed).toMatchObject({
    code: 7,
    stdout: `secret ${join(import.meta.dirname, 'main.ts')} ${args.join(' ')}\n`,
  })
})

test.each([
  [
    'a Node of the machine that is too old',
    [],
    { npm_node_execpath: '/usr/bin/node', npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64' },
    'npm run deploy: a deployment takes a Node of your own, 24 or newer: this is 20.20.2',
  ],
  [
    'a function that there is not',
    ['nothing'],
    {},
    'npm run deploy: there is no function nothing: it is one of relay-events, ',
  ],
  ['no database to migrate', [], {}, 'npm run deploy: DATABASE_URL is missing: the migrations come first\n'],
  [
    'a database that is not there',
    [],
    { DATABASE_URL: 'postgresql://products:s3cret@127.0.0.1:1/products' },
    'npm run deploy: connect ECONNREFUSED 127.0.0.1:1\n',
  ],
  ['an option that there is not', ['--force'], {}, "npm run deploy: Unknown option '--force'"],
])('%s is said, and nothing goes out', async (_, args, env, message) => {
  const failed = await deploy(args, env).catch((error: { code: number; stdout: string; stderr: string }) => error)
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toContain(message)
  expect(failed.stderr).not.toContain('s3cret')
})
