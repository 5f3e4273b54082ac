import { expect, inject, onTestFinished, test, vi } from 'vitest'
import setup from './setup.ts'

const shell = {
  DATABASE_URL: 'postgresql://me:secret@127.0.0.1:1/mine',
  KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
  API_TOKENS: 'none',
}

async function provided(environment: Record<string, string | undefined>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const given: unknown[] = []
  const teardown = await setup({ provide: (_, value) => void given.push(value) })
  onTestFinished(teardown)
  return given
}

test('tests fill no database and no broker that the shell has for other commands, nor see them', async () => {
  const given = await provided({ ...shell, TEST_DATABASE_URL: undefined, TEST_KAFKA_BOOTSTRAP_SERVERS: undefined })
  expect(given[0]).toEqual({
    DATABASE_URL: expect.stringMatching(/^postgresql:\/\/products:products@127\.0\.0\.1:\d+\/products$/),
    NEON_PROXY_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sql$/),
    KAFKA_BOOTSTRAP_SERVERS: expect.stringMatching(/^127\.0\.0\.1:\d\d+$/),
  })
  for (const name of Object.keys(shell)) expect(process.env[name]).toBeUndefined()
})

test('what is named for tests is used', async () => {
  const { DATABASE_URL } = inject('services')
  const given = await provided({
    ...shell,
    TEST_DATABASE_URL: DATABASE_URL,
    TEST_KAFKA_BOOTSTRAP_SERVERS: 'broker.example:9092',
  })
  expect(given[0]).toEqual({
    DATABASE_URL,
    NEON_PROXY_URL: expect.stringContaining('127.0.0.1'),
    KAFKA_BOOTSTRAP_SERVERS: 'broker.example:9092',
  })
})
