import { expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { HANDLERS } from '../../lib/handlers.ts'

const placementOf = (env: string) => unstable_readConfig({ config: 'wrangler.toml', env }).placement

test.each(HANDLERS)('$name runs near the brokers if it publishes, and else near its caller', ({ name, secrets }) => {
  expect(placementOf(name)).toEqual({ mode: secrets.includes('KAFKA_BOOTSTRAP_SERVERS') ? 'smart' : 'off' })
})

test('the whole API runs near the brokers, and the gateway near its caller', () => {
  expect(placementOf('')).toEqual({ mode: 'smart' })
  expect(placementOf('gateway')).toEqual({ mode: 'off' })
})
