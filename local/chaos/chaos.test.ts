import { expect, test } from 'vitest'
import { runChaos } from './run.ts'
import { table } from './table.ts'

const brokers = process.env.KAFKA_BOOTSTRAP_SERVERS

test('every promise is kept under load while parts die and stand still', { timeout: 90_000 }, async () => {
  const verdict = await runChaos({
    rounds: 4,
    seed: 1969, // each fault at a step where it does the most harm; the brokers refuse for so long that a send fails
    where: brokers ? { brokers: brokers.split(',') } : 'emulator',
    faults: [
      'a Worker is killed',
      'a Worker stands still for longer than the lease',
      'Postgres is killed',
      'the brokers refuse connections',
    ],
  })
  expect(verdict.broken, table(verdict)).toBe(0)
  expect(Number(verdict.lines.find(({ name }) => name === 'faults that struck at their step')?.value)).toBeGreaterThanOrEqual(3) // Kafka may be left alone for one of them
})
