// What a step of a publisher costs with events that are held back in front, as a ratio to what it costs without them.

import { database, type Sql } from '../../lib/database.ts'
import { next } from '../../lib/outbox/statements.ts'
import { asSuperuser, fillOutbox } from './fill.ts'
import type { Services } from './services.ts'
import { ratios, show, spread } from './statistics.ts'

const TARGET = 'products.created:0'
const STEPS = 50 // of each kind in a round
const ROUNDS = 5
const LIMIT = 500 // events that a step reads

/** Writes `count` events that wait, and prints what steps cost before and after. */
export async function measureBacklog(services: Services, count: number) {
  const sql = database(services.env(await services.createDatabase('bench_backlog')))
  const empty = await rounds(sql)
  await sql`insert into outbox_held values (${TARGET}, 1, now() + interval '1 hour', 'NOT_ENOUGH_REPLICAS')`
  await asSuperuser(services.superuserUrlOf('bench_backlog'), (client) => fillOutbox(client, count, TARGET))
  const held = await rounds(sql)
  console.log(
    `A step with ${count} events held back, of one without: ${show(ratios(held, empty))}; ms: ${show(spread(held))}, without ${show(spread(empty))}`,
  )

  await sql`update outbox_held set retry_at = now()`
  console.log(`A step that reads ${LIMIT} of them, ms: ${(await step(sql)).toFixed(1)}`)
}

/** The median of each round, in ms. */
async function rounds(sql: Sql) {
  const medians: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = []
    for (let i = 0; i < STEPS; i++) {
      await sql`
        insert into outbox (event_id, type, key, payload, headers)
        values (gen_random_uuid(), 'product.created', '1', ${'x'.repeat(150)}, '{"ce_id":"x"}')`
      times.push(await step(sql))
    }
    medians.push(spread(times).median)
  }
  return medians
}

/** ms to take the lease with a batch. Then deletes the batch and frees the lease, as if Kafka had it. */
async function step(sql: Sql) {
  const began = performance.now()
  const { batch } = await next(sql, { token: null, acknowledged: [], limit: LIMIT })
  const ms = performance.now() - began
  if (!batch) throw new Error('There is no batch')
  await next(sql, { token: batch.token, acknowledged: batch.events.map(({ id }) => id), limit: 0 })
  return ms
}
