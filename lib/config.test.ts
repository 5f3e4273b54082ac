import { expect, test, vi } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { ConfigError, parseConfig, PublisherConfig, ReaderConfig, WriterConfig } from './config.ts'
import { SETTINGS } from './settings.ts'

const env = {
  DATABASE_URL: 'postgresql://user:secret@db.example/products',
  KAFKA_BOOTSTRAP_SERVERS: 'one.example:9092, two.example:9093,[::1]:9094',
  API_TOKENS: 'none',
}

test('fills in what may be left out', () => {
  expect(parseConfig(WriterConfig, { ...env, NEON_PROXY_URL: '', PRODUCTS_TOPIC: '' })).toEqual({
    DATABASE_URL: env.DATABASE_URL,
    KAFKA_BOOTSTRAP_SERVERS: ['one.example:9092', 'two.example:9093', '[::1]:9094'],
    OUTBOX_MAX_STATEMENTS: 900,
    PRODUCTS_TOPIC: 'products.created',
    PRODUCTS_CHANGED_TOPIC: 'products.changed',
    API_TOKENS: 'none',
    ALLOWED_ORIGINS: [],
  })
})

test('what is the same for all Workers is set in one place, and that one is right', () => {
  expect(parseConfig(WriterConfig, env)).toMatchObject({
    PRODUCTS_TOPIC: SETTINGS.PRODUCTS_TOPIC,
    PRODUCTS_CHANGED_TOPIC: SETTINGS.PRODUCTS_CHANGED_TOPIC,
    OUTBOX_MAX_STATEMENTS: Number(SETTINGS.OUTBOX_MAX_STATEMENTS),
    ALLOWED_ORIGINS: SETTINGS.ALLOWED_ORIGINS.split(',').filter((origin) => origin !== ''),
  })
  const { definedEnvironments = [] } = unstable_readConfig({ config: 'wrangler.toml' })
  for (const env of ['', ...definedEnvironments])
    expect(Object.keys(unstable_readConfig({ config: 'wrangler.toml', env }).vars)).not.toEqual(
      expect.arrayContaining(Object.keys(SETTINGS)),
    )
})

test('what is set there, and wrong, is named as any other', async () => {
  vi.resetModules()
  vi.doMock('./settings.ts', () => ({
    SETTINGS: { ...SETTINGS, ALLOWED_ORIGINS: 'shop.example', PRODUCTS_TOPIC: 'a b' },
  }))
  const { parseConfig, WriterConfig } = await import('./config.ts')
  expect(() => parseConfig(WriterConfig, env)).toThrow(
    /ALLOWED_ORIGINS is not of the form.*PRODUCTS_TOPIC is no topic name/,
  )
  const told = { PRODUCTS_TOPIC: 'own', ALLOWED_ORIGINS: 'https://shop.example' }
  expect(parseConfig(WriterConfig, { ...env, ...told })).toMatchObject({ PRODUCTS_TOPIC: 'own' })
})

test('a reader needs no Kafka, and does not get it', () => {
  expect(parseConfig(ReaderConfig, env)).toEqual({
    DATABASE_URL: env.DATABASE_URL,
    API_TOKENS: 'none',
    ALLOWED_ORIGINS: [],
  })
  expect(() => parseConfig(PublisherConfig, { DATABASE_URL: env.DATABASE_URL })).toThrow(
    'KAFKA_BOOTSTRAP_SERVERS is missing',
  )
})

test.each([
  [{ DATABASE_URL: undefined }, 'DATABASE_URL is missing'],
  [{ DATABASE_URL: '' }, 'DATABASE_URL is missing'],
  [{ DATABASE_URL: 'secret' }, 'DATABASE_URL is not of the form'],
  [{ DATABASE_URL: 'mysql://user:secret@db.example/products' }, 'DATABASE_URL is not of the form'],
  [{ DATABASE_URL: 'postgresql://db.example/secret' }, 'DATABASE_URL is not of the form'],
  [{ DATABASE_URL: 'postgresql://user:secret@db.example' }, 'DATABASE_URL is not of the form'],
  [{ NEON_PROXY_URL: 'secret' }, 'NEON_PROXY_URL is no http'],
  [{ KAFKA_BOOTSTRAP_SERVERS: undefined }, 'KAFKA_BOOTSTRAP_SERVERS is missing'],
  [{ KAFKA_BOOTSTRAP_SERVERS: 'secret' }, 'KAFKA_BOOTSTRAP_SERVERS is not of the form'],
  [{ KAFKA_BOOTSTRAP_SERVERS: 'secret:9092,' }, 'KAFKA_BOOTSTRAP_SERVERS is not of the form'],
  [{ KAFKA_BOOTSTRAP_SERVERS: 'secret:99999' }, 'KAFKA_BOOTSTRAP_SERVERS is not of the form'],
  [{ API_TOKENS: '' }, 'API_TOKENS is missing'],
  [{ API_TOKENS: 'secret' }, 'API_TOKENS is not of the form'],
  [{ API_TOKENS: `${'a'.repeat(64)},` }, 'API_TOKENS is not of the form'],
  [{ API_TOKENS: `none,${'a'.repeat(64)}` }, 'API_TOKENS is not of the form'],
  [{ API_TOKENS: `admin:${'a'.repeat(64)}` }, 'API_TOKENS is not of the form'],
  [{ KAFKA_TLS: 'secret' }, 'KAFKA_TLS is neither true nor false'],
  [{ KAFKA_SASL_MECHANISM: 'secret' }, 'KAFKA_SASL_MECHANISM is none of PLAIN'],
  [
    { KAFKA_SASL_MECHANISM: 'PLAIN' },
    'KAFKA_SASL_USERNAME is missing: others of KAFKA_SASL_* are set; KAFKA_SASL_PASSWORD is missing',
  ],
  [{ KAFKA_SASL_USERNAME: 'secret', KAFKA_SASL_PASSWORD: 'secret' }, 'KAFKA_SASL_MECHANISM is missing'],
  [{ ALLOWED_ORIGINS: 'secret' }, 'ALLOWED_ORIGINS is not of the form'],
  [{ ALLOWED_ORIGINS: 'https://secret.example/' }, 'ALLOWED_ORIGINS is not of the form'],
  [{ OUTBOX_MAX_STATEMENTS: '9' }, 'OUTBOX_MAX_STATEMENTS is no whole number from 10 to 99999'],
  [{ OUTBOX_MAX_STATEMENTS: '1e3' }, 'OUTBOX_MAX_STATEMENTS is no whole number from 10 to 99999'],
  [{ PRODUCTS_TOPIC: 'no secret' }, 'PRODUCTS_TOPIC is no topic name'],
  [{ PRODUCTS_TOPIC: '..' }, 'PRODUCTS_TOPIC is no topic name'],
  [{ PRODUCTS_TOPIC: 's'.repeat(250) }, 'PRODUCTS_TOPIC is no topic name'],
])('%j is named, and its value is not said', (wrong, message) => {
  const parse = () => parseConfig(WriterConfig, { ...env, ...wrong })
  expect(parse).toThrow(ConfigError)
  expect(parse).toThrow(message)
  expect(parse).not.toThrow('secret')
})

test('tokens are known by their SHA-256, and write unless told otherwise', () => {
  const [one, two] = ['A'.repeat(64), 'b'.repeat(64)]
  expect(parseConfig(ReaderConfig, { ...env, API_TOKENS: `${one}, read:${two},write:${two}` }).API_TOKENS).toEqual([
    { scope: 'write', hash: 'a'.repeat(64) },
    { scope: 'read', hash: two },
    { scope: 'write', hash: two },
  ])
})

test('every variable that is wrong is named at once', () => {
  expect(() => parseConfig(WriterConfig, {})).toThrow(/DATABASE_URL is missing.*; KAFKA_BOOTSTRAP_SERVERS is missing/)
})
