import { expect, test } from 'vitest'
import { runChaos } from './run.ts'
import { table } from './table.ts'

const brokers = process.env.TEST_KAFKA_BOOTSTRAP_SERVERS

test('every promise is kept under load while parts die and stand still', async () => {
  const result = await runChaos({
    rounds: 6,
    seed: 38_702, // each fault at a step where it does the most harm
    where: brokers ? { brokers: brokers.split(',') } : 'emulator', // nobody else's nodes are killed: there it is less
    faults: [
      'a Worker is killed',
      'a Worker stands still for longer than the lease',
      'Postgres is killed',
      'a leader moves',
      'a node is killed',
      'a partition has no leader',
    ],
  })
  expect(result.broken, table(result)).toBe(0)
  expect(
    Number(result.lines.find(({ name }) => name === 'faults that struck at their step')?.value),
  ).toBeGreaterThanOrEqual(3) // Kafka may be left alone for one of them
})
