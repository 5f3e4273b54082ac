// Idempotency-Key: a client that does not know whether its POST arrived sends it again.

import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { openConnection } from '../../local/rig/connection.ts'
import { stage } from '../../local/rig/stage.ts'
import { worker } from '../../local/rig/worker.ts'

const { env, sql, records } = stage()
const api = worker('', env)

const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
type Body = object | string
const post = async (key: string, body: Body = bun, { to = api, path = '/products', headers = {} } = {}) => {
  const response = await to.post(path, body, { 'idempotency-key': key, ...headers })
  const { status } = response
  const [location, etag, replayed, retryAfter] = ['location', 'etag', 'idempotency-replayed', 'retry-after'].map(
    (name) => response.headers.get(name),
  )
  return { status, location, etag, replayed, retryAfter, text: await response.text() }
}
const idOf = ({ text }: { text: string }) => (JSON.parse(text) as { id: number }).id
const products = async (name: string) => (await sql`select id from products where name = ${name}`).length
const remembered = async (key: string) => (await sql`select from idempotency_keys where key = ${key}`).length
const keysOf = (name: string) =>
  records()
    .filter(({ value }) => value.includes(name))
    .map(({ key }) => key)

/** A body of its own, so that a test can count what came of it. */
const unique = () => ({ ...bun, name: randomUUID() })

const otherBody = () => ({
  ...problem(422, 'The Idempotency-Key was used before, with another body.'),
  errors: [{ header: 'Idempotency-Key', detail: 'was used with another body in the last 24 hours' }],
})
const problem = (status: number, detail: string) => ({ type: 'about:blank', title: expect.any(String), status, detail })

test('a retry gets the first answer, byte for byte, whatever became of the product; there is one product and one event', async () => {
  const [key, body] = [randomUUID(), { name: ` \u00E5"\\\u{1F950} ${randomUUID()} `, price: 1.5, quantity: 0 }]
  const first = await post(key, body)
  expect(first).toMatchObject({ status: 201, location: `/products/${idOf(first)}`, etag: '"1"', replayed: null })
  expect(await post(key, body)).toEqual({ ...first, replayed: 'true' })

  const changed = await api.fetch(`/products/${idOf(first)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"quantity":1}',
  })
  expect(changed.status).toBe(200)
  expect(await post(key, body)).toEqual({ ...first, replayed: 'true' })
  expect((await api.fetch(`/products/${idOf(first)}`, { method: 'DELETE' })).status).toBe(204)
  expect(await post(key, body)).toEqual({ ...first, replayed: 'true' })

  expect(await products(body.name.trim())).toBe(0)
  await expect.poll(() => sql`select id from outbox`).toEqual([])
  await expect.poll(() => keysOf(body.name.trim().slice(-36))).toEqual([String(idOf(first))])
})

test('an answer under a key is the answer without one', async () => {
  const [plain, keyed] = [await api.post('/products', bun), await post(randomUUID())]
  const { id, created_at } = JSON.parse(keyed.text) as { id: number; created_at: string }
  expect(keyed.text).toBe(JSON.stringify({ ...((await plain.json()) as object), id, created_at }))
  expect(await (await api.fetch(`/products/${id}`)).text()).toBe(keyed.text)
})

test('twenty at once with one key make one product and one event: each is answered with it, or told to come back', async () => {
  const [key, body] = [randomUUID(), unique()]
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(key, body)))
  const created = answers.filter(({ status }) => status === 201)
  expect(answers.filter(({ status }) => status === 409).length + created.length).toBe(20)
  expect(created.filter(({ replayed }) => replayed === null)).toHaveLength(1)
  expect(new Set(created.map(({ text }) => text)).size).toBe(1)
  expect(await products(body.name)).toBe(1)

  const again = await Promise.all(Array.from({ length: 20 }, () => post(key, body))) // of which none is in flight any more
  expect(new Set(again.map(({ status, replayed, text }) => [status, replayed, text].join()))).toEqual(
    new Set([[201, 'true', created[0]?.text].join()]),
  )
  await expect.poll(() => sql`select id from outbox`).toEqual([])
  await expect.poll(() => keysOf(body.name)).toEqual(created.slice(0, 1).map((answer) => String(idOf(answer))))
})

test('another body under the key is 422, and makes nothing', async () => {
  const [key, body] = [randomUUID(), unique()]
  const first = await post(key, body)
  for (const change of [{ price: '24.91' }, { quantity: 13 }, { name: `${body.name}!` }]) {
    const refused = await post(key, { ...body, ...change })
    expect(refused.status).toBe(422)
    expect(JSON.parse(refused.text)).toEqual(otherBody())
  }
  expect(await products(`${body.name}!`)).toBe(0)
  expect(await products(body.name)).toBe(1)
  expect(await post(key, body)).toEqual({ ...first, replayed: 'true' })
})

test('other bytes that say the same are the same body', async () => {
  const [key, body] = [randomUUID(), unique()]
  const first = await post(key, body)
  const spellings = [
    `{"quantity":12.0,"price":24.9,"name":"${body.name}"}`,
    `{ "name" : " ${body.name}\\n", "quantity" : 1.2e1, "price" : "024.9" }`,
  ]
  for (const spelling of spellings) expect(await post(key, spelling)).toEqual({ ...first, replayed: 'true' })
})

test('a key is the same in quotes and without them', async () => {
  const key = randomUUID()
  const first = await post(`"${key}"`)
  expect(await post(key)).toEqual({ ...first, replayed: 'true' })
})

test('a key that is none is 422, and makes nothing', async () => {
  const body = unique()
  for (const key of ['""', '"', 'two words', 'a, b', 'x'.repeat(256)]) {
    const refused = await post(key, body)
    expect(refused.status).toBe(422)
    expect(JSON.parse(refused.text)).toEqual({
      ...problem(422, 'The Idempotency-Key is not valid.'),
      errors: [
        {
          header: 'Idempotency-Key',
          detail: 'must be one key of 1 to 255 printable ASCII characters, in quotes or without',
        },
      ],
    })
  }
  expect(await products(body.name)).toBe(0)
})

describe('an import', () => {
  const path = '/products/import'
  const idsOf = ({ text }: { text: string }) =>
    (JSON.parse(text) as { items: { id: number }[] }).items.map(({ id }) => String(id))
  /** Three of one name, which tells them from those of other tests. */
  const three = (name: string = randomUUID()) => [0, 1, 2].map((quantity) => ({ name, price: '24.90', quantity }))
  const nameOf = (body: { name: string }[]) => body[0]?.name ?? ''

  test('has the first answer again, byte for byte, in whatever format; its products and events are made once', async () => {
    const [key, body] = [randomUUID(), three(`\u00E5"\\\u{1F950} ${randomUUID()}`)]
    const first = await post(key, body, { path })
    expect(first).toMatchObject({ status: 201, location: null, etag: null, replayed: null })
    expect(await post(key, body, { path })).toEqual({ ...first, replayed: 'true' })
    const lines = body.map((product) => JSON.stringify({ ...product, price: 24.9 })).join('\n')
    const headers = { 'content-type': 'application/x-ndjson' }
    expect(await post(key, lines, { path, headers })).toEqual({ ...first, replayed: 'true' })

    await sql`delete from products where name = ${nameOf(body)}`
    expect(await post(key, body, { path })).toEqual({ ...first, replayed: 'true' })
    expect(await products(nameOf(body))).toBe(0)
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    await expect.poll(() => keysOf(nameOf(body).slice(-36)).toSorted()).toEqual(idsOf(first).toSorted())
  })

  test('under a key is answered as one without', async () => {
    const body = three()
    const [plain, keyed] = [await api.post(path, body), await post(randomUUID(), body, { path })]
    const own = (text: string) => text.replaceAll(/"id":\d+|"created_at":"[^"]+"/g, '')
    expect(own(keyed.text)).toBe(own(await plain.text()))
    expect(JSON.parse(keyed.text)).toMatchObject({ items: body })
    expect(idsOf(keyed)).toEqual(idsOf(keyed).toSorted((a, b) => Number(a) - Number(b)))
  })

  test('of a thousand is made once', async () => {
    const [key, name] = [randomUUID(), randomUUID()]
    const body = Array.from({ length: 1_000 }, (_, quantity) => ({ name, price: '1.00', quantity }))
    const first = await post(key, body, { path })
    expect((JSON.parse(first.text) as { items: object[] }).items).toMatchObject(body)
    expect(await post(key, body, { path })).toEqual({ ...first, replayed: 'true' })
    expect(await products(name)).toBe(1_000)
    const [kept] = await sql`select octet_length(answer::text) as bytes from idempotency_keys where key = ${key}`
    expect(kept?.bytes).toBeLessThan(20_000)
  })

  test('that was kept whole, by a handler of before, has its answer too', async () => {
    const [key, body] = [randomUUID(), three()]
    const first = await post(key, body, { path })
    await sql`
      update idempotency_keys set answer = (
        select json_build_object('created', json_agg(json_build_object('product', product, 'version', 1, 'eventId', 'x')))
        from json_array_elements(${first.text}::json -> 'items') as product
      ) where key = ${key}`
    expect(await post(key, body, { path })).toEqual({ ...first, replayed: 'true' })
  })

  test('sent twenty times at once makes its products once', async () => {
    const [key, body] = [randomUUID(), three()]
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key, body, { path })))
    const created = answers.filter(({ status }) => status === 201)
    expect(
      answers.filter(({ status, retryAfter }) => status === 409 && retryAfter === '1').length + created.length,
    ).toBe(20)
    expect(created.filter(({ replayed }) => replayed === null)).toHaveLength(1)
    expect(new Set(created.map(({ text }) => text)).size).toBe(1)
    expect(await products(nameOf(body))).toBe(3)
    expect(await post(key, body, { path })).toMatchObject({ status: 201, replayed: 'true', text: created[0]?.text })
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    await expect.poll(() => keysOf(nameOf(body))).toHaveLength(3)
  })

  test('with another body under the key is 422, and makes nothing', async () => {
    const [key, body] = [randomUUID(), three()]
    const first = await post(key, body, { path })
    for (const other of [
      body.slice(1),
      [...body, bun],
      body.toReversed(),
      body.map((product) => ({ ...product, price: '24.91' })),
    ]) {
      const refused = await post(key, other, { path })
      expect([refused.status, JSON.parse(refused.text)]).toEqual([422, otherBody()])
    }
    expect(await products(nameOf(body))).toBe(3)
    expect(await post(key, body, { path })).toEqual({ ...first, replayed: 'true' })
  })

  test('does not take the key of a POST of one, nor the other way round', async () => {
    const [ofOne, ofImport, body] = [randomUUID(), randomUUID(), unique()]
    await post(ofOne, body)
    await post(ofImport, [body], { path })
    for (const refused of [await post(ofOne, [body], { path }), await post(ofImport, body)])
      expect([refused.status, JSON.parse(refused.text)]).toEqual([422, otherBody()])
    expect(await products(body.name)).toBe(2)
  })

  test('that is refused, or fails, uses no key up', async () => {
    const [key, body] = [randomUUID(), three()]
    expect((await post(key, [...body, { ...bun, quantity: -1 }], { path })).status).toBe(422)
    expect(await remembered(key)).toBe(0)
    await sql.query(
      `alter table outbox add constraint closed check (payload not like '%${nameOf(body)}%"quantity":2,%')`,
    )
    expect((await post(key, body, { path })).status).toBe(500)
    await sql`alter table outbox drop constraint closed`
    expect([await remembered(key), await products(nameOf(body))]).toEqual([0, 0])
    expect(await post(key, body, { path })).toMatchObject({ status: 201, replayed: null })
    expect(await products(nameOf(body))).toBe(3)
  })

  test('with a key that is none is 422, and makes nothing', async () => {
    const body = three()
    expect((await post('two words', body, { path })).status).toBe(422)
    expect(await products(nameOf(body))).toBe(0)
  })
})

// A statement that waits for 10 s is given up, and a busy machine takes that long to ask a few times.
describe('while the first is in flight', ANEW_IF_BUSY, () => {
  /** Someone else's row under the key, not committed: the first request has its lock, and waits for that one. */
  async function held(key: string, from: string) {
    const other = await openConnection(env.DATABASE_URL)
    await other.query(`begin; update idempotency_keys set key = '${key}' where key = '${from}'`)
    return other
  }
  const waiting = () =>
    expect
      .poll(
        () =>
          sql`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      .toEqual([{ count: 1 }])

  test('a second is 409 with Retry-After, whatever its body; then a retry gets the answer', async () => {
    const [key, from, body] = [randomUUID(), randomUUID(), unique()]
    await post(from)
    await using other = await held(key, from)
    const first = post(key, body)
    await waiting()
    for (const second of [
      await post(key, body),
      await post(key, unique()),
      await post(key, [body], { path: '/products/import' }),
    ]) {
      expect(second).toMatchObject({ status: 409, retryAfter: '1', replayed: null })
      expect(JSON.parse(second.text)).toEqual(problem(409, 'A request with this Idempotency-Key is being worked on.'))
    }
    expect((await post(randomUUID())).status).toBe(201) // another key does not wait
    await other.query('rollback')
    expect(await first).toMatchObject({ status: 201, replayed: null })
    expect(await post(key, body)).toEqual({ ...(await first), replayed: 'true' })
    expect(await products(body.name)).toBe(1)
  })

  test('so is a second import; then a retry gets the answer', async () => {
    const [key, from, body, path] = [randomUUID(), randomUUID(), unique(), '/products/import']
    await post(from)
    await using other = await held(key, from)
    const first = post(key, [body, body], { path })
    await waiting()
    expect(await post(key, [body, body], { path })).toMatchObject({ status: 409, retryAfter: '1', replayed: null })
    await other.query('rollback')
    expect(await first).toMatchObject({ status: 201, replayed: null })
    expect(await post(key, [body, body], { path })).toEqual({ ...(await first), replayed: 'true' })
    expect(await products(body.name)).toBe(2)
  })

  test('one that looked before the other had committed gets the answer of the other', async () => {
    const [key, from, body] = [randomUUID(), randomUUID(), unique()]
    const first = await post(from, body)
    await using other = await held(key, from)
    const late = post(key, body)
    await waiting()
    await other.query('commit')
    expect(await late).toEqual({ ...first, replayed: 'true' })
    expect(await products(body.name)).toBe(1)
  })
})

describe('a key of more than 24 h ago', () => {
  const path = '/products/import'
  const older = (key: string, by: string) =>
    sql`update idempotency_keys set created_at = now() - interval '24 hours' - ${by}::interval where key = ${key}`

  test('is free, for the same body and for another, though nobody has forgotten it', async () => {
    const [key, body] = [randomUUID(), unique()]
    await post(key, body)
    await older(key, '1 s')
    expect(await post(key, body)).toMatchObject({ status: 201, replayed: null })
    await older(key, '1 s')
    const other = await post(key, { ...body, quantity: 13 })
    expect(other).toMatchObject({ status: 201, replayed: null })
    expect(await post(key, { ...body, quantity: 13 })).toEqual({ ...other, replayed: 'true' })
    expect(await products(body.name)).toBe(3)
    expect(await remembered(key)).toBe(1)
  })

  test('is free for an import, and not a minute before', async () => {
    const [key, body] = [randomUUID(), unique()]
    await post(key, body)
    await older(key, '-1 minute')
    expect((await post(key, [body], { path })).status).toBe(422)
    await older(key, '1 s')
    expect(await post(key, [body, body], { path })).toMatchObject({ status: 201, replayed: null })
    expect(await products(body.name)).toBe(3)
  })

  test('makes nothing twice where twenty come with it at once', async () => {
    const [key, body] = [randomUUID(), unique()]
    await post(key, body)
    await older(key, '1 s')
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key, body)))
    expect(answers.filter(({ status, replayed }) => status === 201 && replayed === null)).toHaveLength(1)
    expect(await products(body.name)).toBe(2)
  })
})

describe('a key is not used up', () => {
  test('by a request that is refused', async () => {
    const [key, body] = [randomUUID(), unique()]
    expect((await post(key, { ...body, quantity: -1 })).status).toBe(422)
    expect((await post(key, '{')).status).toBe(400)
    expect((await post(key, body, { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect(await remembered(key)).toBe(0)
    expect(await post(key, body)).toMatchObject({ status: 201, replayed: null })
  })

  test('by a statement that failed: neither product nor event nor key is written', async () => {
    const [key, body] = [randomUUID(), unique()]
    await sql.query(`alter table outbox add constraint closed check (payload not like '%${body.name}%')`)
    expect((await post(key, body)).status).toBe(500)
    await sql`alter table outbox drop constraint closed`
    expect([await remembered(key), await products(body.name)]).toEqual([0, 0])
    expect(await post(key, body)).toMatchObject({ status: 201, replayed: null })
  })

  describe('by a database that cannot be reached', () => {
    const unreachable = worker('create-product', { ...env, NEON_PROXY_URL: 'http://127.0.0.1:1/sql' })

    test('and the retry makes the product', async () => {
      const [key, body] = [randomUUID(), unique()]
      expect(await post(key, body, { to: unreachable })).toMatchObject({ status: 503, retryAfter: '5' })
      expect(await post(key, body)).toMatchObject({ status: 201, replayed: null })
      expect(await products(body.name)).toBe(1)
    })
  })
})

describe('with tokens', () => {
  const hash = (token: string) => createHash('sha256').update(token).digest('hex')
  const closed = worker('', { ...env, API_TOKENS: `${hash('one')},${hash('two')}` })
  const as = (token: string) => ({ to: closed, headers: { authorization: `Bearer ${token}` } })

  test('a key belongs to the token that came with it', async () => {
    const [key, body] = [randomUUID(), unique()]
    const [one, two] = [await post(key, body, as('one')), await post(key, body, as('two'))]
    expect([one, two]).toMatchObject([
      { status: 201, replayed: null },
      { status: 201, replayed: null },
    ])
    expect(idOf(two)).not.toBe(idOf(one))
    expect(await post(key, body, as('one'))).toEqual({ ...one, replayed: 'true' })
    expect(await post(key, body, as('two'))).toEqual({ ...two, replayed: 'true' })
    expect(await post(key, body, as('three'))).toMatchObject({ status: 401 })
    const callers = await sql`select caller from idempotency_keys where key = ${key}`
    expect(new Set(callers.map(({ caller }) => caller))).toEqual(new Set([hash('one'), hash('two')])) // and not the tokens
  })

  test('that of an import too', async () => {
    const [key, body, path] = [randomUUID(), unique(), '/products/import']
    const importAs = (token: string) => post(key, [body, body], { ...as(token), path })
    const [one, two] = [await importAs('one'), await importAs('two')]
    expect(await products(body.name)).toBe(4)
    expect(await importAs('one')).toEqual({ ...one, replayed: 'true' })
    expect(await importAs('two')).toEqual({ ...two, replayed: 'true' })
    expect(two.text).not.toBe(one.text)
  })
})

describe('the cron', () => {
  test('forgets a key after 24 h, and not before', async () => {
    const [old, young] = [randomUUID(), randomUUID()]
    for (const key of [old, young]) await post(key)
    await sql`update idempotency_keys set created_at = now() - interval '24 hours 1 second' where key = ${old}`
    await sql`update idempotency_keys set created_at = now() - interval '23 hours 59 minutes' where key = ${young}`
    expect(await api.cron()).toMatchObject({ outcome: 'ok' })
    expect([await remembered(old), await remembered(young)]).toEqual([0, 1])
    expect(await post(old)).toMatchObject({ status: 201, replayed: null })
    expect(await post(young)).toMatchObject({ replayed: 'true' })
  })

  test('forgets all of them, however many there are', async () => {
    const key = `${randomUUID()}-`
    await sql`
      insert into idempotency_keys (caller, key, fingerprint, answer, created_at)
      select '', ${key} || n, '', '{}', now() - interval '25 hours' - n * interval '1 s' from generate_series(1, 20002) as n`
    await sql`
      insert into outbox_acknowledged (event_id, acknowledged_at)
      select gen_random_uuid(), now() - interval '25 hours' from generate_series(1, 20002)`
    expect(await api.cron()).toMatchObject({ outcome: 'ok' })
    expect(await sql`select count(*)::int from idempotency_keys where key like ${`${key}%`}`).toEqual([{ count: 0 }])
    expect(await sql`select from outbox_acknowledged where acknowledged_at < now() - interval '24 hours'`).toEqual([])
  })

  test('publishes though it cannot forget, and says so', async () => {
    const eventId = randomUUID()
    await sql`alter table idempotency_keys rename to out_of_reach`
    await sql`
      insert into outbox (event_id, type, key, payload, headers)
      values (${eventId}, 'product.created', ${eventId}, 'waited', '{}')`
    const { outcome } = await api.cron()
    await sql`alter table out_of_reach rename to idempotency_keys`
    expect(outcome).toBe('ok')
    await expect.poll(() => records().filter(({ key }) => key === eventId)).toHaveLength(1)
    await expect.poll(() => api.logs().join('\n')).toContain('idempotency keys could not be forgotten')
  })
})
