import { expect, test } from 'vitest'
import { startProxied } from './fixtures.ts'
import { CONNECTIONS_PER_POOL, MAX_BYTES } from './limits.ts'

/** As often as there are connections, so that the next query meets one that has done it. */
const onEachConnection = (act: () => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: 2 * CONNECTIONS_PER_POOL }, act))

test.each([
  ['search_path', 'set search_path = nowhere', 'show search_path', '"$user", public'],
  ['role', 'set role products', 'show role', 'none'],
  ['read only', 'set default_transaction_read_only = on', 'show transaction_read_only', 'off'],
  ['a setting by a function', "select set_config('timezone', 'Asia/Tokyo', false)", 'show timezone', 'UTC'],
  ['its deadline', 'set statement_timeout = 0', 'show statement_timeout', '1min'],
  [
    'a temporary table',
    'create temporary table if not exists mine ()',
    "select to_regclass('pg_temp.mine')::text",
    null,
  ],
  [
    'a prepared statement',
    'prepare mine as select 1',
    'select count(*)::int from pg_prepared_statements where from_sql',
    0,
  ],
  ['a cursor', 'declare c cursor with hold for select 1', 'select count(*)::int from pg_cursors where is_holdable', 0],
  ['LISTEN', 'listen news', 'select count(*)::int from pg_listening_channels()', 0],
])('what a query leaves in its session does not reach the next one: %s', async (_, act, ask, clean) => {
  const { sql } = await startProxied()
  await onEachConnection(() => sql.query(act))
  const seen = await Promise.all(
    Array.from({ length: 3 * CONNECTIONS_PER_POOL }, () => sql.query(ask, [], { arrayMode: true })),
  )
  expect(new Set(seen.flat(2))).toEqual(new Set([clean]))
})

test('an advisory lock ends with its query', async () => {
  const { sql } = await startProxied()
  await sql`select pg_advisory_lock(1)`
  const taken = await Promise.all(Array.from({ length: CONNECTIONS_PER_POOL }, () => sql`select pg_advisory_lock(1)`))
  expect(taken).toHaveLength(CONNECTIONS_PER_POOL)
})

test('what a sequence has given to one query is not told to the next', async () => {
  const { sql } = await startProxied()
  await onEachConnection(() => sql`select nextval(pg_get_serial_sequence('products', 'id'))`)
  for (const result of await onEachConnection(() => sql`select lastval()`))
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('lastval is not yet defined') },
    })
})

test('what a transaction sets in its session does not reach the next query', async () => {
  const { sql } = await startProxied()
  await onEachConnection(() => sql.transaction([sql`set search_path = nowhere`, sql`select 1`]))
  await onEachConnection(() => sql.transaction([sql`set search_path = nowhere`, sql`select 1 / 0`]))
  for (const result of await onEachConnection(() => sql`select * from products`))
    expect(result).toEqual({ status: 'fulfilled', value: [] })
})

test.each(['copy products from stdin', 'copy products to stdout', 'copy (select 1) to stdout'])(
  '%s is an error, and harms no other query',
  async (copy) => {
    const { sql, post } = await startProxied()
    const refused = await post({ query: copy })
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { message: expect.stringContaining('unexpected message from server') },
    ])
    await onEachConnection(() => sql.query(copy))
    await onEachConnection(() =>
      sql.transaction([sql`insert into products (name, price, quantity) values ('copy', 1, 1)`, sql.query(copy)]),
    )
    expect(await sql`select * from products where name = 'copy'`).toEqual([])
  },
)

test('a transaction whose answer is too large is rolled back', async () => {
  const { sql, post } = await startProxied()
  const half = `select repeat('x', ${MAX_BYTES / 2})`
  const insert = "insert into products (name, price, quantity) values ('large', 1, 1)"
  const response = await post({ queries: [{ query: insert }, { query: half }, { query: half }] })
  expect([response.status, await response.json()]).toMatchObject([
    507,
    { message: 'response is too large (max is 67108864 bytes)' },
  ])
  const locks = () => sql`select pid from pg_locks where relation = 'products'::regclass and mode = 'RowExclusiveLock'`
  await expect.poll(locks).toEqual([]) // its session ends after the answer
  expect(await sql`select * from products where name = 'large'`).toEqual([])
})

test('the limit counts the rows as JSON, as Neon does', async () => {
  const { post } = await startProxied()
  const status = async (bytes: number) => {
    const response = await post(
      { query: `select repeat('x', ${bytes}) as x` },
      { 'Neon-Raw-Text-Output': 'true', 'Neon-Array-Mode': 'true' },
    )
    await response.arrayBuffer()
    return response.status
  }
  const fields =
    '[{"name":"x","dataTypeID":25,"tableID":0,"columnID":0,"dataTypeSize":-1,"dataTypeModifier":-1,"format":"text"}]'
  const around = `{"rowAsArray":true,"fields":${fields},"rows":[[""]`.length
  expect(await status(MAX_BYTES - around)).toBe(200)
  expect(await status(MAX_BYTES - around + 1)).toBe(507)
})

test.each([
  ['one value', 'select repeat(chr(1), 95000000)'],
  ['JSON six times as long', 'select repeat(chr(1), 20000000)'],
  ['rows without end', "select repeat('x', 100000), generate_series(1, 1000000000)"],
  ['an error', "do $$ begin raise exception '%', repeat('x', 95000000); end $$"],
])('a large answer is an error and ends nothing: %s', async (_, query) => {
  const { post } = await startProxied()
  const response = await post({ query })
  expect(response.status).toBe(507)
  expect((await post({ query: 'select 1' })).status).toBe(200)
})
