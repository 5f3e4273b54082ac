import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { neon, neonConfig, NeonDbError, Pool } from '@neondatabase/serverless'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../postgres/server.ts'
import { MAX_BYTES } from './limits.ts'
import { startNeonProxy } from './server.ts'
import { portOf } from '../machine/port-of.ts'
import { lastingPort } from '../machine/ports.ts'

let folder: string
let postgres: Awaited<ReturnType<typeof startPostgres>>
let proxy: Awaited<ReturnType<typeof startNeonProxy>>
let sql: ReturnType<typeof neon<false, false>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neon-proxy-'))
  postgres = await startPostgres({ folder, port: 0 })
  proxy = await startNeonProxy({ port: 0, postgres: { host: '127.0.0.1', port: postgres.port } })
  neonConfig.fetchEndpoint = proxy.url
  neonConfig.wsProxy = () => new URL(proxy.url).host
  neonConfig.useSecureWebSocket = false
  sql = neon(postgres.url)
})

afterAll(async () => {
  await proxy.close()
  await postgres.stop()
  await rm(folder, { recursive: true })
})

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(proxy.url, { method: 'POST', body, headers: { 'Neon-Connection-String': postgres.url, ...headers } })

test('the driver reads every type as from Neon', async () => {
  const [row] =
    await sql`select 1::int2 as int2, 2147483647 as int4, 9007199254740993::int8 as int8, 1.10::numeric as numeric,
    1.5::float8 as float8, true as bool, null as nothing, 'é'::text as text, '\\xff00'::bytea as bytea, '{"a": [1, null]}'::jsonb as json,
    '{1,2}'::int[] as ints, '{"a,b",NULL,"c\\"d"}'::text[] as texts, '2026-01-02T03:04:05.678Z'::timestamptz as at`
  expect(row).toEqual({
    int2: 1,
    int4: 2147483647,
    int8: '9007199254740993',
    numeric: '1.10',
    float8: 1.5,
    bool: true,
    nothing: null,
    text: 'é',
    bytea: Buffer.from([0xff, 0]),
    json: { a: [1, null] },
    ints: [1, 2],
    texts: ['a,b', null, 'c"d'],
    at: new Date('2026-01-02T03:04:05.678Z'),
  })
})

test.each([
  ['text', 'O\'Reilly\\n\n\t"quoted" \\ ☃ 𝄞'],
  ['text', ''],
  ['text', null],
  ['int4', 42],
  ['int8', '9007199254740993'],
  ['float8', 0.1],
  ['bool', false],
  ['jsonb', { text: 'a"b\\c\n☃', list: [1, null, 'x'], nested: { deep: true } }],
  ['text[]', ['a,b', 'c"d', 'e\\f\ng', '', 'NULL', null, '☃']],
  ['int4[]', [1, 2, 3]],
  ['int4[]', []],
  [
    'text[]',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['timestamptz', new Date('2026-01-02T03:04:05.678Z')],
  ['bytea', Buffer.from([0, 255, 92])],
])('a parameter of type %s comes back as it was: %j', async (type, value) => {
  const [row] = await sql.query(`select $1::${type} as value`, [value])
  expect(row).toEqual({ value })
})

test('rows as arrays, and full results', async () => {
  const result = await sql.query('select 1 as same, 2 as same from generate_series(1, 2)', [], {
    arrayMode: true,
    fullResults: true,
  })
  expect(result).toMatchObject({
    rows: [
      [1, 2],
      [1, 2],
    ],
    rowCount: 2,
    command: 'SELECT',
    rowAsArray: true,
  })
  expect(result.fields[0]).toMatchObject({ name: 'same', dataTypeID: 23, dataTypeSize: 4, format: 'text' })
})

test('a transaction commits as a whole', async () => {
  await sql`create table committed (n int unique)`
  const results = await sql.transaction([
    sql`insert into committed values (1)`,
    sql`insert into committed values (2)`,
    sql`select n from committed`,
  ])
  expect(results).toEqual([[], [], [{ n: 1 }, { n: 2 }]])
  expect(await sql`select count(*)::int from committed`).toEqual([{ count: 2 }])
})

test('a transaction with an error leaves nothing behind, and says which error', async () => {
  await sql`create table rolled_back (n int unique)`
  const failing = sql.transaction([
    sql`insert into rolled_back values (1)`,
    sql`insert into rolled_back values (1)`,
    sql`select 1 as never`,
  ])
  await expect(failing).rejects.toMatchObject({ code: '23505', table: 'rolled_back' })
  expect(await sql`select * from rolled_back`).toEqual([])
})

test('an error found only at the commit is reported', async () => {
  await sql`create table deferred (n int unique deferrable initially deferred)`
  const failing = sql.transaction([sql`insert into deferred values (1)`, sql`insert into deferred values (1)`])
  await expect(failing).rejects.toMatchObject({ code: '23505' })
  expect(await sql`select * from deferred`).toEqual([])
})

test('a transaction takes its isolation level, read only and deferrable', async () => {
  const settings = [sql`show transaction_isolation`, sql`show transaction_read_only`, sql`show transaction_deferrable`]
  const shown = await sql.transaction(settings, { isolationLevel: 'Serializable', readOnly: true, deferrable: true })
  expect(shown).toEqual([
    [{ transaction_isolation: 'serializable' }],
    [{ transaction_read_only: 'on' }],
    [{ transaction_deferrable: 'on' }],
  ])
})

test("an error carries Postgres' code and details", async () => {
  await sql`create table checked (price numeric constraint positive check (price > 0))`
  const error = await sql`insert into checked values (-1)`.catch((error) => error)
  expect(error).toBeInstanceOf(NeonDbError)
  expect(error).toMatchObject({
    code: '23514',
    constraint: 'positive',
    table: 'checked',
    schema: 'public',
    severity: 'ERROR',
  })
  expect(error.detail).toContain('-1')
})

test('several statements in one query are refused', async () => {
  await expect(sql.query('select 1; select 2')).rejects.toMatchObject({ code: '42601' })
})

test('a transaction left open by a query does not reach the next one', async () => {
  await Promise.all(Array.from({ length: 5 }, () => sql.query('begin isolation level serializable')))
  const levels = await Promise.all(Array.from({ length: 20 }, () => sql`show transaction_isolation`))
  expect(levels.flat()).toEqual(levels.map(() => ({ transaction_isolation: 'read committed' })))
})

test('a query still works after its table has changed', async () => {
  await sql`create table changing (a int)`
  const read = () => sql`select * from changing`
  await Promise.all(Array.from({ length: 5 }, read))
  await sql`alter table changing add column b text default 'new'`
  await sql`insert into changing values (1)`
  expect(await read()).toEqual([{ a: 1, b: 'new' }])
})

test('many queries at once, on many connections', async () => {
  const rows = await Promise.all(Array.from({ length: 200 }, (_, n) => sql`select ${n}::int as n`))
  expect(rows.flat().map(({ n }) => n)).toEqual(rows.map((_, n) => n))
})

test('a request over 64 MiB is a 413', async () => {
  await expect(sql`select ${'x'.repeat(MAX_BYTES)}::text`).rejects.toThrow(/413.*too large \(max is 67108864 bytes\)/s)
})

test.each([
  ['no JSON', '{"query":', {}],
  ['no query', '{"params":[]}', {}],
  ['a query that is no text', '{"query":1}', {}],
  ['a list of no queries', '{"queries":[1]}', {}],
  ['null', 'null', {}],
  ['no connection string', '{"query":"select 1"}', { 'Neon-Connection-String': '' }],
  ['another scheme', '{"query":"select 1"}', { 'Neon-Connection-String': 'mysql://a:b@c/d' }],
  ['no user', '{"query":"select 1"}', { 'Neon-Connection-String': 'postgres://c/d' }],
  ['no database', '{"query":"select 1"}', { 'Neon-Connection-String': 'postgres://a:b@c' }],
  ['an unknown isolation level', '{"queries":[]}', { 'Neon-Batch-Isolation-Level': 'Chaos' }],
])('400 for %s', async (_, body, headers) => {
  const response = await post(body, headers)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ message: expect.any(String) })
})

test('400 for another path or method', async () => {
  expect((await fetch(new URL('/other', proxy.url))).status).toBe(400)
  expect((await fetch(proxy.url)).status).toBe(400)
})

test('a wrong password is an error of Postgres', async () => {
  const other = neon(postgres.url.replace(':products@', ':wrong@'))
  await expect(other`select 1`).rejects.toMatchObject({ code: '28P01' })
})

test('without the driver: JSON where JSON has the type', async () => {
  const query = `select 1 as int, 1.5::float8 as float, true as bool, '{"a":1}'::json as json, 1::int8 as int8, $1::int[] as list`
  const response = await post(JSON.stringify({ query, params: [[1, null]] }))
  expect(await response.json()).toMatchObject({
    rows: [{ int: 1, float: 1.5, bool: true, json: { a: 1 }, int8: '1', list: '{1,NULL}' }],
  })
})

test('a WebSocket carries queries, transactions and large rows', async () => {
  const pool = new Pool({ connectionString: postgres.url })
  onTestFinished(() => pool.end())
  const client = await pool.connect()
  await client.query('begin')
  const { rows } = await client.query('select $1::text as text, repeat($2, 1000000) as large', ['☃', 'x'])
  await client.query('rollback')
  client.release()
  expect(rows).toEqual([{ text: '☃', large: 'x'.repeat(1_000_000) }])
})

test('health follows Postgres, and queries come back with it', async () => {
  const own = await mkdtemp(join(tmpdir(), 'neon-proxy-'))
  const port = await lastingPort()
  let server = await startPostgres({ folder: own, port })
  const other = await startNeonProxy({ port: 0, postgres: { host: '127.0.0.1', port } })
  onTestFinished(async () => {
    await other.close()
    await server.stop()
    await rm(own, { recursive: true })
  })
  const ask = (path: string, init?: RequestInit) => fetch(new URL(path, other.url), init)
  const health = async () => (await ask('/health')).status
  const query = {
    method: 'POST',
    body: '{"query":"select 1 as one"}',
    headers: { 'Neon-Connection-String': server.url },
  }
  const slow = { ...query, body: '{"query":"select pg_sleep(60)"}' }
  await expect.poll(health).toBe(200)
  expect((await ask('/sql', query)).status).toBe(200)

  const interrupted = ask('/sql', slow)
  await server.stop()
  expect([400, 500]).toContain((await interrupted).status)
  expect(await health()).toBe(503)
  expect((await ask('/sql', query)).status).toBe(500)

  server = await startPostgres({ folder: own, port })
  await expect.poll(health).toBe(200)
  expect(await (await ask('/sql', query)).json()).toMatchObject({ rows: [{ one: 1 }] })
})

test('health does not wait for a Postgres that says nothing', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const other = await startNeonProxy({
    port: 0,
    postgres: { host: '127.0.0.1', port: portOf(silent) },
  })
  onTestFinished(async () => {
    await other.close()
    silent.close()
  })
  expect((await fetch(new URL('/health', other.url))).status).toBe(503)
})
