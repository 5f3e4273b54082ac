import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { bundle } from '../local/test/mortal-worker.ts'

const config = 'wrangler.toml'
const writers = ['', 'create-product', 'import-products', 'change-product', 'delete-product'] // '' is the whole API
const readers = ['get-product', 'list-products', 'health']
const describers = ['describe-api'] // need nothing
const publishers = [...writers, 'relay-events']

test('every handler is an environment of wrangler.toml', () => {
  const { definedEnvironments = [] } = unstable_readConfig({ config })
  expect(new Set(['', ...definedEnvironments])).toEqual(new Set([...publishers, ...readers, ...describers]))
})

describe.each([...publishers, ...readers, ...describers])('`wrangler deploy --dry-run --env "%s"`', (env) => {
  test('builds a bundle, with KafkaJS only where events are published, and the contract only where it is told', async () => {
    await using built = await bundle(env)
    const code = await readFile(built.worker.scriptPath, 'utf8')
    expect(code.includes('KafkaJSError')).toBe(publishers.includes(env))
    expect(code.includes('openapi.json')).toBe(['', ...describers].includes(env))
  })

  test('asks for the secrets that it needs, and runs on a timer only if it relays', () => {
    const { secrets, triggers } = unstable_readConfig({ config, env })
    expect(secrets?.required ?? []).toEqual([
      ...(describers.includes(env) ? [] : ['DATABASE_URL']),
      ...(publishers.includes(env) ? ['KAFKA_BOOTSTRAP_SERVERS'] : []),
      ...(['relay-events', 'health', ...describers].includes(env) ? [] : ['API_TOKENS']),
    ])
    expect(triggers.crons).toEqual(env === '' || env === 'relay-events' ? ['* * * * *'] : [])
  })
})
