// Clients that create products as fast as they are answered, and want every one of them answered with 201.

import { Product } from '../../lib/products/schema.ts'
import type { LoadReport } from './load-report.ts'
import { type Random, seeded } from './random.ts'
import { request } from './request.ts'

const CLIENTS = 6
const SAMPLES = 5

/** `urls` says where the Workers are. */
export function startPosts(seed: number, urls: () => (string | undefined)[]) {
  const report: LoadReport = { acknowledged: [], statuses: new Map(), unexpected: 0, samples: [] }
  let stopping = false

  async function client(name: string, random: Random) {
    for (let n = 0; !stopping; n++) {
      const body = { name: `${name}.${n}`, price: '1.00', quantity: random.between(0, 1_000) }
      const url = new URL('/products', urls()[random.between(0, 1)])
      const answer = await request(url, { method: 'POST', body })
      const status = String(answer?.status ?? 'none')
      report.statuses.set(status, (report.statuses.get(status) ?? 0) + 1)
      if (answer?.status === 201)
        report.acknowledged.push({ type: 'product.created', id: Product.parse(answer.body).id, version: 1 })
      else {
        report.unexpected++
        if (report.samples.length < SAMPLES)
          report.samples.push(`POST /products: ${status} ${JSON.stringify(answer?.body)}`)
      }
    }
  }

  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(`${seed}.${i}`, seeded(seed + i))))
  clients.catch(() => {}) // stop() gives it
  return {
    answered: () => report.acknowledged.length,
    /** Resolves when every client has its last answer. */
    async stop() {
      stopping = true
      await clients
      return report
    },
  }
}
