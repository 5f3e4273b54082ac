import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkValues, readConfigs, VARIABLES, writeConfigs } from './configs.ts'

const root = join(import.meta.dirname, '../..')
const values = Object.fromEntries(VARIABLES.map((name) => [name, `value of ${name}`]))

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'configs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** The configurations as they are written, by the names of their Workers. */
async function written(
  root: string,
  environment: string,
  split: boolean,
  values: Record<string, string>,
  readerUrl?: string,
) {
  const read = await readConfigs(root, environment, split)
  const given = await writeConfigs(read, values, await newFolder(), readerUrl)
  const texts = await Promise.all(given.configs.map((path) => readFile(path, 'utf8')))
  const configs = texts.map((text) => JSON.parse(text))
  return {
    ...given,
    texts,
    first: configs[0]?.name,
    configs: Object.fromEntries(configs.map((config) => [config.name, config])),
  }
}

test('every Worker asks for what it may be told, all of it as a secret, and readers for nothing of Kafka', async () => {
  const { configs, first, ...given } = await written(root, '', true, { ...values, HOME: '/' })
  const asked = (name: string) => new Set(configs[name].secrets.required)
  expect(first).toBe('gateway')
  for (const name of ['create-product', 'import-products', 'change-product', 'delete-product'])
    expect(asked(name)).toEqual(new Set(VARIABLES))
  expect(asked('relay-events')).toEqual(new Set(VARIABLES.filter((name) => name !== 'API_TOKENS')))
  const reader = ['DATABASE_URL', 'NEON_PROXY_URL', 'API_TOKENS', 'ALLOWED_ORIGINS']
  for (const name of ['get-product', 'list-products']) expect(asked(name)).toEqual(new Set(reader))
  for (const name of ['gateway', 'describe-api']) expect(asked(name)).toEqual(new Set(['ALLOWED_ORIGINS']))
  expect(given.values).toEqual(values)
  expect(given.texts.join()).not.toContain('value of')
})

test('Workers that read, and no others, log in to the database as readers', async () => {
  const { configs, values: given } = await written(root, '', true, values, 'of readers')
  for (const name of ['get-product', 'list-products', 'health'])
    expect(configs[name].vars.DATABASE_URL).toBe('of readers')
  for (const name of ['create-product', 'delete-product', 'relay-events'])
    expect(configs[name].vars.DATABASE_URL).toBe('value of DATABASE_URL')
  // Its environment would win over each of them.
  for (const name of Object.keys(configs)) expect(configs[name].secrets.required).not.toContain('DATABASE_URL')
  expect(given).not.toHaveProperty('DATABASE_URL')
})

test('the whole API in one Worker asks for everything', async () => {
  const { configs } = await written(root, '', false, values)
  expect(new Set(configs['product-api'].secrets.required)).toEqual(new Set(VARIABLES))
})

test('what has no value, or an empty one, keeps that of wrangler.toml; what has one replaces it', async () => {
  const folder = await newFolder()
  const toml =
    'name = "shop"\nmain = "shop.ts"\nvars = { A = "1", B = "2", C = "3" }\nsecrets = { required = ["OWN", "LACKING"] }\n'
  await writeFile(join(folder, 'wrangler.toml'), toml)
  const { configs, ...given } = await written(folder, '', false, { A: '', B: 'new', OWN: 'secret', OTHER: 'x' })
  expect(configs.shop).toMatchObject({
    main: join(folder, 'shop.ts'),
    vars: { A: '1', C: '3' },
    secrets: { required: ['OWN', 'LACKING', 'B'] },
  })
  expect(given.values).toEqual({ B: 'new', OWN: 'secret' })
})

test('a wrong value is named, also one of wrangler.toml, and never shown', async () => {
  const good = {
    DATABASE_URL: 'postgresql://me:secret@host/db',
    KAFKA_BOOTSTRAP_SERVERS: 'broker:9092',
    API_TOKENS: 'none',
  }
  const configs = await readConfigs(root, 'create-product', false)
  checkValues(configs, good)
  expect(() => checkValues(configs, { ...good, KAFKA_BOOTSTRAP_SERVERS: 'PLAINTEXT://broker:9092' })).toThrow(
    /^KAFKA_BOOTSTRAP_SERVERS is not of the form host:port,host:port$/,
  )
  const [config] = configs
  if (!config) throw new Error('no configuration')
  expect(() => checkValues([config, { ...config, vars: { PRODUCTS_TOPIC: 'new shop' } }], good)).toThrow(
    /^PRODUCTS_TOPIC is no topic name/,
  )
})
