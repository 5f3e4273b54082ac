// Tiny bursts of creations around the moments when a publisher looks, lingers and leaves, with no cron, no alarm and no
// fault: is any event left behind?

import { setTimeout } from 'node:timers/promises'
import { newClient } from '../machine/pg-client.ts'
import { Product } from '../../lib/products/schema.ts'
import type { Acknowledgement } from './load-report.ts'
import type { Where } from './nodes/nodes.ts'
import { seeded } from './random.ts'
import { runCrons, settle } from './settle.ts'
import { startStack } from './stack.ts'
import { judge, promise, type Result, resultOf } from './result.ts'

export type Options = {
  bursts: number
  seed: number
  where: Where
  log?: (message: string) => void
  signal?: AbortSignal
}

const MOST = 8 // creations in a burst
const SPREAD = 30 // ms in which they come
const PAUSE = 150 // ms at most between two bursts: a publisher that has nothing to do is there for 100 ms
const LEFT_BEHIND = 6_000 // ms after which nobody comes for an event any more: a lease lasts 5 s
const LOOK = 3 // ms
const PATIENCE = 10_000 // ms
const REPORT = 500 // bursts

export async function runBursts({ bursts, seed, where, log = () => {}, signal }: Options): Promise<Result> {
  const random = seeded(seed)
  const stack = await startStack(where, random, false)
  const client = newClient(stack.postgres.url)
  const acknowledged: Acknowledgement[] = []
  const stranded: string[] = []
  const failed: string[] = [] // then only a timer comes

  async function create(name: string) {
    const url = stack.workers[random.between(0, stack.workers.length - 1)]?.url()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ name, price: '1.00', quantity: 1 })
    const response = await fetch(new URL('/products', url), {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(PATIENCE),
    })
    if (response.status !== 201) throw new Error(`POST /products: ${response.status} ${await response.text()}`)
    acknowledged.push({ type: 'product.created', id: Product.parse(await response.json()).id, version: 1 })
  }

  async function look() {
    const { rows } = await client.query<{ pending: number; failures: number }>(
      'select (select count(*)::int from outbox) as pending, failures from outbox_lease',
    )
    return rows[0] ?? { pending: 0, failures: 0 }
  }

  try {
    await client.connect()
    for (let n = 1; n <= bursts; n++) {
      const moments = Array.from({ length: random.between(1, MOST) }, () => random.between(0, SPREAD))
      await Promise.all(
        moments.map((moment, i) => setTimeout(moment, undefined, { signal }).then(() => create(`${n}.${i}`))),
      )
      const end = Date.now() + LEFT_BEHIND
      while ((await look()).pending && Date.now() < end) await setTimeout(LOOK, undefined, { signal })
      const { pending, failures } = await look()
      if (pending) {
        const which = failures ? failed : stranded
        which.push(`after burst ${n}: ${pending} events`)
        await runCrons(stack, signal)
      }
      if (n % REPORT === 0) log(`${n} bursts, events left behind after ${stranded.length} of them`)
      await setTimeout(random.between(0, PAUSE), undefined, { signal })
    }
    const { state, records } = await settle(stack, signal)
    const load = { acknowledged, statuses: new Map([['201', acknowledged.length]]), unexpected: 0, samples: [] }
    const { lines } = judge({
      load,
      state,
      records,
      sendings: stack.sendings(),
      disturbances: [],
      topics: stack.topics,
    })
    const own = [
      promise('bursts after which an event was left behind', stranded),
      promise('bursts after which Kafka could not be used', failed),
    ]
    return resultOf([...own, ...lines])
  } finally {
    await Promise.allSettled([client.end()])
    await stack.stop()
  }
}
