// The contract against what the handlers do: every route, every status, every example.

import { createHash, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { contract } from '../../lib/contract/document.ts'
import { openConnection } from '../../local/rig/connection.ts'
import { breaches, compile, contractOperations } from '../../local/rig/contract.ts'
import { stage } from '../../local/rig/stage.ts'
import { rateLimitedTo, worker } from '../../local/rig/worker.ts'

vi.mock('../../lib/contract/viewer.ts', () => ({})) // imports what only wrangler makes text

const HANDLERS_FOLDER = join(import.meta.dirname, '..')
const { env, sql } = stage()
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')
const API_TOKENS = `${sha256('writer')},read:${sha256('reader')}`
const LIMIT = 3 // requests in 10 s

const api = worker('', { ...env, API_TOKENS })
const limited = worker('', { ...env, API_TOKENS }, await rateLimitedTo(LIMIT))
const withoutDatabase = worker('', { ...env, API_TOKENS, NEON_PROXY_URL: 'http://127.0.0.1:1/sql' })
const misconfigured = worker('', { ...env, API_TOKENS, ALLOWED_ORIGINS: 'nonsense' })

type Request = { body?: object | string | Uint8Array; headers?: Record<string, string>; path?: string }
type Answer = Promise<Response>
/** Sends what the operation wants where a request does not say otherwise. */
type Send = (request?: Request, to?: typeof api) => Answer
type Provocations = Record<number, (send: Send) => Answer[] | Promise<Answer[]>>

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const tooMuch = (bytes: number) => [{ ...bun, name: 'x'.repeat(bytes) }]
const notJson = (send: Send) => [send({ body: '{' }), send({ body: Uint8Array.of(0x22, 0xff, 0x22) })]
const plainText = (send: Send) => [
  send({ headers: { 'content-type': 'text/plain' } }),
  send({ headers: { 'content-encoding': 'gzip' } }),
]
const unknownProduct = (send: Send) => [send({ path: '/products/999999999' }), send({ path: '/products/x' })]
const oldVersion = (send: Send) => [send({ headers: { 'if-match': '"7"' } })]
const current = async (send: Send) => [send({ headers: { 'if-none-match': (await send()).headers.get('etag') ?? '' } })]

/** What every operation can be made to answer, open or not. */
const always: Provocations = { 500: (send) => [send({}, misconfigured)] }
const reading: Provocations = {
  ...always,
  401: (send) => [send({ headers: { authorization: '' } }), send({ headers: { authorization: 'Bearer stranger' } })],
  429: async (send) => [
    ...(await untilLimited(send)),
    ...(await untilLimited((request) => send({ headers: { authorization: '' }, ...request }, limited))),
  ],
  503: (send) => [send({}, withoutDatabase)],
}
const writing: Provocations = { ...reading, 403: (send) => [send({ headers: { authorization: 'Bearer reader' } })] }

/** The body that each operation wants, and how each of its statuses comes about. */
const operations: Record<string, { body?: Request['body']; statuses: Provocations }> = {
  createProduct: {
    body: bun,
    statuses: {
      ...writing,
      201: async (send) => {
        const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=10' }
        await send({ headers })
        return [send(), send({ headers }), send({ headers: { 'idempotency-key': `"${headers['idempotency-key']}"` } })]
      },
      400: notJson,
      409: whileInFlight,
      413: (send) => [send({ body: tooMuch(65_536) })],
      415: plainText,
      422: async (send) => {
        const headers = { 'idempotency-key': randomUUID() }
        await send({ headers })
        return [
          send({ body: { name: '', price: '1.234', colour: 'red' } }),
          send({ headers: { 'idempotency-key': 'two words' } }),
          send({ headers, body: { ...bun, quantity: 13 } }),
        ]
      },
    },
  },
  importProducts: {
    body: [bun],
    statuses: {
      ...writing,
      201: async (send) => {
        const headers = { 'idempotency-key': randomUUID() }
        await send({ headers })
        return [
          send(),
          send({ headers }),
          send({ headers: { 'content-type': 'application/x-ndjson' }, body: JSON.stringify(bun) }),
          send({ headers: { 'content-type': 'text/csv' }, body: 'quantity,name,price\n1,Semla,2.5\n' }),
        ]
      },
      400: notJson,
      409: whileInFlight,
      413: (send) => [send({ body: tooMuch(1024 * 1024) })],
      415: plainText,
      422: async (send) => {
        const headers = { 'idempotency-key': randomUUID() }
        await send({ headers })
        return [
          send({ body: [bun, { name: 'Semla', price: 45 }] }),
          send({
            headers: { 'content-type': 'application/x-ndjson' },
            body: `${JSON.stringify({ ...bun, colour: 'red' })}\n{`,
          }),
          send({ body: [] }),
          send({ headers: { 'idempotency-key': 'two words' } }),
          send({ headers, body: [bun, bun] }),
        ]
      },
    },
  },
  listProducts: {
    statuses: {
      ...reading,
      200: (send) => [send(), send({ path: '/products?limit=1' })],
      422: (send) => [send({ path: '/products?limit=101&after=nonsense' })],
    },
  },
  getProduct: { statuses: { ...reading, 200: (send) => [send()], 304: current, 404: unknownProduct } },
  changeProduct: {
    body: { price: '19.90' },
    statuses: {
      ...writing,
      200: (send) => [send(), send({ headers: { 'if-match': '*' } })],
      400: notJson,
      404: unknownProduct,
      412: oldVersion,
      413: (send) => [send({ body: tooMuch(65_536) })],
      415: plainText,
      422: (send) => [send({ body: { price: '1.234' } }), send({ body: {} })],
    },
  },
  deleteProduct: { statuses: { ...writing, 204: (send) => [send()], 404: unknownProduct, 412: oldVersion } },
  getHealth: {
    statuses: {
      ...always,
      200: (send) => [untilWell(send), untilWell(send, { headers: { authorization: 'Bearer reader' } })],
      401: (send) => [
        send({ headers: { authorization: 'Basic d3JpdGVyOg==' } }),
        send({ headers: { authorization: 'Bearer stranger' } }),
      ],
      429: async (send) => [
        ...(await untilLimited(send)),
        ...(await untilLimited((request) =>
          send({ headers: { authorization: 'Bearer reader' }, ...request }, limited),
        )),
      ],
      503: (send) => [
        send({}, withoutDatabase),
        send({ headers: { authorization: 'Bearer reader' } }, withoutDatabase),
      ],
    },
  },
  getLiveness: { statuses: { ...always, 200: (send) => [send(), send({}, withoutDatabase)] } },
  getContract: { statuses: { ...always, 200: (send) => [send()], 304: current } },
  getDocs: { statuses: { ...always, 200: (send) => [send()], 304: current } },
}

/** A database that takes longer than 1.5 s, as on a busy machine, is taken for down. */
async function untilWell(send: Send, request?: Request) {
  let answer = await send(request)
  const again = async () => (answer.status === 503 ? (answer = await send(request)) : answer).status
  await expect.poll(again, { interval: 1_000 }).toBe(200)
  return answer
}

async function untilLimited(send: Send) {
  const answers = await Promise.all(Array.from({ length: 2 * LIMIT + 1 }, () => send({}, limited))) // though 10 s end among them
  return answers.filter(({ status }) => status === 429).map((answer) => Promise.resolve(answer))
}

/**
 * While the key of a request is locked by another connection, the first request with it waits, and a second is told so.
 */
async function whileInFlight(send: Send) {
  const [taken, key] = [randomUUID(), randomUUID()]
  await send({ headers: { 'idempotency-key': taken } })
  await using other = await openConnection(env.DATABASE_URL)
  await other.query(`begin; update idempotency_keys set key = '${key}' where key = '${taken}'`)
  const first = send({ headers: { 'idempotency-key': key } })
  await expect
    .poll(() => sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
    .toHaveLength(1)
  const second = await send({ headers: { 'idempotency-key': key } })
  await other.query('rollback')
  await first
  return [Promise.resolve(second)]
}

const valid = compile()

describe.each(contractOperations())('$method $path', ({ path, method, operation }) => {
  const { body: wanted, statuses } = operations[operation.operationId] ?? { statuses: {} }

  const send: Send = async ({ body = wanted, headers = {}, path: at = path } = {}, to = api) => {
    const id =
      at.includes('{id}') &&
      (await sql`insert into products (name, price, quantity) values ('Bulle', 1, 1) returning id`)[0]?.id
    const token = { ...(!operation.security && { authorization: 'Bearer writer' }) } // an open one is sent none
    return to.send(method, at.replace('{id}', String(id)), body, { ...token, ...headers })
  }

  test('every status is provoked', () => {
    expect(Object.keys(statuses)).toEqual(Object.keys(operation.responses))
  })

  test.each(Object.entries(operation.responses))(
    '%s is answered as the contract says',
    async (status, { content = {} }) => {
      const answers = await Promise.all((await statuses[Number(status)]?.(send)) ?? [])
      expect(answers).not.toEqual([])
      const problems: unknown[] = []
      for (const answer of answers) {
        expect(answer.status).toBe(Number(status))
        if (answer.headers.get('content-type') === 'application/problem+json')
          problems.push(await answer.clone().json())
        expect(await breaches(valid, operation, answer)).toEqual([])
      }
      const examples = Object.values(content['application/problem+json']?.examples ?? {}).map(({ value }) => value)
      expect(new Set(problems.map((problem) => JSON.stringify(problem)))).toEqual(
        new Set(examples.map((example) => JSON.stringify(example))),
      )
    },
  )
})

vi.mock('cloudflare:workers', () => ({ DurableObject: class {} })) // which only workerd has: of handlers the routes alone are read here

describe('the routes', () => {
  test('of the handlers are those of the contract', async () => {
    const Handler = z.object({
      default: z.object({ routes: z.array(z.object({ method: z.string(), path: z.string() })).default([]) }),
    })
    const names = (await readdir(HANDLERS_FOLDER)).filter((file) => /^[\w-]+\.ts$/.test(file))
    const modules = await Promise.all(
      names.map(async (name) => Handler.parse(await import(/* @vite-ignore */ join(HANDLERS_FOLDER, name)))),
    )
    const routes = modules
      .flatMap((module) => module.default.routes)
      .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/docs/')) // what the page loads is its own affair
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{.*?\})?/g, '{$1}')}`)
    expect(new Set(routes)).toEqual(new Set(contractOperations().map(({ method, path }) => `${method} ${path}`)))
  })

  test.each(Object.entries(contract().paths))(
    '%s is served by the whole API, with all its methods and no other',
    async (path, methods) => {
      const response = await api.fetch(path.replace('{id}', '1'), { method: 'OPTIONS' })
      const allowed = response.headers.get('allow')?.split(', ') ?? []
      expect(new Set(allowed.filter((method) => method !== 'HEAD'))).toEqual(
        new Set(Object.keys(methods).map((key) => key.toUpperCase())),
      )
    },
  )
})

test.each([
  ['NotFound', '/nothing', 404],
  ['MethodNotAllowed', '/products', 405],
] as const)('%s is answered as the contract says', async (name, path, status) => {
  const declared = contract().components.responses[name]
  const response = await api.fetch(path, { method: 'PUT' })
  expect(response.status).toBe(status)
  const examples = Object.values(declared.content?.['application/problem+json']?.examples ?? {})
  expect(examples.map(({ value }) => JSON.stringify(value))).toContain(await response.clone().text())
  const operation = { operationId: name, tags: [], summary: '', responses: { [status]: declared } }
  expect(await breaches(valid, operation, response)).toEqual([])
})

/** Just what the contract says may be sent is taken, and what is one more is not. */
describe('the limits are those of the contract', () => {
  const writer = { authorization: 'Bearer writer' }
  const parameter = (operationId: string, of: string) => {
    const { operation } = contractOperations().find(({ operation }) => operation.operationId === operationId) ?? {}
    return operation?.parameters?.find(({ name }) => name === of)?.schema
  }

  test('of a page', async () => {
    const Limit = z.object({ minimum: z.int(), maximum: z.int(), default: z.int() })
    const { minimum, maximum, default: usual } = Limit.parse(parameter('listProducts', 'limit'))
    await sql`insert into products (name, price, quantity) select 'Bulle', 1, 1 from generate_series(1, ${maximum + 1}::int)`
    const list = (query = '') => api.send('GET', `/products${query}`, undefined, writer)
    const Page = z.object({ items: z.array(z.unknown()), next: z.string() })
    const page = async (query?: string) => Page.parse(await (await list(query)).json())
    expect((await page()).items).toHaveLength(usual)
    for (const limit of [minimum, maximum]) expect((await page(`?limit=${limit}`)).items).toHaveLength(limit)
    for (const limit of [minimum - 1, maximum + 1]) expect((await list(`?limit=${limit}`)).status).toBe(422)
  })

  test('of an Idempotency-Key', async () => {
    const { minLength, maxLength } = z
      .object({ minLength: z.int(), maxLength: z.int() })
      .parse(parameter('createProduct', 'Idempotency-Key'))
    const statuses = [minLength, maxLength, maxLength + 1].map(async (length) => {
      const answer = await api.send('POST', '/products', bun, { ...writer, 'idempotency-key': 'k'.repeat(length) })
      return answer.status
    })
    expect(await Promise.all(statuses)).toEqual([201, 201, 422])
  })

  test('of an import', async () => {
    const { minItems, maxItems } = z
      .object({ minItems: z.int(), maxItems: z.int() })
      .parse(contract().components.schemas.ProductCreations)
    const statuses = [minItems - 1, minItems, maxItems, maxItems + 1].map(async (count) => {
      const answer = await api.send('POST', '/products/import', Array.from({ length: count }).fill(bun), writer)
      return answer.status
    })
    expect(await Promise.all(statuses)).toEqual([422, 201, 201, 422])
  })
})
