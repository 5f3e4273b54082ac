// Clients that create, change and delete products, and note what they were told.

import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { Product } from '../../lib/products/schema.ts'
import { type Random, seeded } from './random.ts'
import { type Answer, request } from './request.ts'
import type { LoadReport } from './load-report.ts'
import { runSqlClient } from './sql-client.ts'

const CLIENTS = 8
const THINK: [number, number] = [2, 20] // ms between two operations of a client
const RETRY = 100 // ms
const GIVE_UP = 30_000 // ms after which a client repeats a request no more
const RECENT = 20 // products that are changed: few, so that each has many versions
const SAMPLES = 5

const Items = z.object({ items: z.array(Product) })
type Sent = { method: string; path: string; body?: unknown; key?: string; expected: number[] }

/**
 * `urls` says where the Workers are at the moment, undefined for a dead one; `database` is for who passes them by with
 * SQL.
 */
export function startLoad(seed: number, urls: () => (string | undefined)[], database: string) {
  const report: LoadReport = { acknowledged: [], statuses: new Map(), unexpected: 0, samples: [] }
  const recent: number[] = [] // ids, shared by all clients: two may change one product at once, through two Workers
  const abandoned = new AbortController()
  const stopping = new AbortController()

  async function send(random: Random, { method, path, body, key, expected }: Sent): Promise<Answer | undefined> {
    const url = urls()[random.between(0, 1)]
    const answer =
      url === undefined ? undefined : await request(new URL(path, url), { method, body, key, signal: abandoned.signal })
    const status = answer ? String(answer.status) : 'none'
    count(status)
    if (answer && !expected.includes(answer.status))
      unexpected(`${method} ${path}: ${status} ${JSON.stringify(answer.body)}`)
    return answer
  }

  const count = (status: string) => void report.statuses.set(status, (report.statuses.get(status) ?? 0) + 1)

  function unexpected(sample: string) {
    report.unexpected++
    if (report.samples.length < SAMPLES) report.samples.push(sample)
  }

  async function client(name: string, random: Random) {
    for (let n = 0; !stopping.signal.aborted; n++) {
      await act(`${name}.${n}`, random)
      await setTimeout(random.between(...THINK))
    }
  }

  async function act(name: string, random: Random) {
    const draw = random.next()
    const chosen = random.next()
    const price = (random.between(0, 99_999) / 100).toFixed(2)
    const product = { name, price, quantity: random.between(0, 1_000) }
    const id = recent[Math.floor(chosen * recent.length)]
    if (draw < 0.12 || id === undefined) await createOnce(product, random)
    else if (draw < 0.2) await create(product, random)
    else if (draw < 0.23) await importSome(product, random, draw < 0.215)
    else if (draw < 0.95) await change(id, { price, quantity: product.quantity }, random)
    else await remove(id, random)
  }

  async function createOnce(product: { name: string }, random: Random) {
    created(
      await sendOnce(random, { method: 'POST', path: '/products', body: product, expected: [201, 503] }, product.name),
    )
  }

  async function create(product: object, random: Random) {
    created(await send(random, { method: 'POST', path: '/products', body: product, expected: [201, 503] }))
  }

  function created(answer: Answer | undefined) {
    if (answer?.status === 201) remember([Product.parse(answer.body)])
  }

  async function importSome(product: { name: string }, random: Random, once: boolean) {
    const body = Array.from({ length: random.between(2, 20) }, (_, i) => ({ ...product, name: `${product.name}.${i}` }))
    const sent = { method: 'POST', path: '/products/import', body, expected: [201, 503] }
    const answer = await (once ? sendOnce(random, sent, product.name) : send(random, sent))
    if (answer?.status === 201) remember(Items.parse(answer.body).items)
  }

  /** Repeated with its key until it is answered. */
  async function sendOnce(random: Random, sent: Sent, key: string) {
    for (const end = Date.now() + GIVE_UP; Date.now() < end && !abandoned.signal.aborted; await setTimeout(RETRY)) {
      const answer = await send(random, { ...sent, key, expected: [...sent.expected, 409] })
      if (answer && answer.status !== 409 && answer.status !== 503) return answer
    }
    if (!abandoned.signal.aborted) unexpected(`${sent.method} ${sent.path} with a key: no answer in ${GIVE_UP} ms`)
    return undefined
  }

  function remember(products: Product[]) {
    for (const { id } of products) {
      report.acknowledged.push({ type: 'product.created', id, version: 1 })
      recent.push(id)
    }
    recent.splice(0, recent.length - RECENT)
  }

  async function change(id: number, body: object, random: Random) {
    const answer = await send(random, { method: 'PATCH', path: `/products/${id}`, body, expected: [200, 404, 503] })
    if (answer?.status === 200)
      report.acknowledged.push({ type: 'product.updated', id, version: Number(answer.etag?.replaceAll('"', '')) })
  }

  async function remove(id: number, random: Random) {
    const answer = await send(random, { method: 'DELETE', path: `/products/${id}`, expected: [204, 404, 503] })
    if (answer?.status === 204) report.acknowledged.push({ type: 'product.deleted', id })
    if (answer?.status === 204 || answer?.status === 404)
      recent.splice(0, recent.length, ...recent.filter((other) => other !== id))
  }

  const random = seeded(seed)
  const clients = Promise.all([
    ...Array.from({ length: CLIENTS }, (_, i) => client(`${seed}.${i}`, seeded(random.between(0, 2 ** 31)))),
    runSqlClient(
      database,
      { name: `${seed}.sql`, random: seeded(random.between(0, 2 ** 31)), think: THINK },
      {
        committed: (changes) => void report.acknowledged.push(...changes),
        ended: (how) => count(`SQL ${how}`),
      },
      stopping.signal,
    ),
  ])
  clients.catch(() => {}) // stop() gives it
  return {
    /** Resolves when every client has its last answer. */
    async stop() {
      stopping.abort()
      await clients
      return report
    },
    /** Resolves when nobody asks any more. */
    async abandon() {
      stopping.abort()
      abandoned.abort()
      await Promise.allSettled([clients])
    },
  }
}
