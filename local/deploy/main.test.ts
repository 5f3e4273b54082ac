import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { HANDLERS } from '../../lib/handlers.ts'
import { parseDeployment, secretsFor } from './deployment.ts'

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
