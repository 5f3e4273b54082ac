import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { newClient } from '../machine/pg-client.ts'
import { CONNECTIONS_PER_POOL, POOLS, TUNNELS } from './limits.ts'
import { startProxied } from './fixtures.ts'
import { portOf } from '../machine/port-of.ts'

/** As the server sees it, of this test's database alone. */
async function watch(database: string) {
  const client = newClient(database)
  await client.connect()
  onTestFinished(() => client.end())
  return async (what: string) => {
    const { rows } = await client.query(
      `select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${what}`,
    )
    return rows[0].count
  }
}

test('a statement that takes too long is cancelled, and says so', async () => {
  const { sql } = await startProxied({ statementMs: 100 })
  await expect(sql`select pg_sleep(60)`).rejects.toMatchObject({
    code: '57014',
    message: 'canceling statement due to statement timeout',
  })
  await expect(sql.transaction([sql`select 1`, sql`select pg_sleep(60)`])).rejects.toMatchObject({ code: '57014' })
})

test('a statement of one who hangs up is cancelled', async () => {
  const { database, url } = await startProxied()
  const count = await watch(database)
  const hangUp = new AbortController()
  const body = '{"query":"select pg_sleep(60)"}'
  const asked = fetch(url, {
    method: 'POST',
    body,
    headers: { 'Neon-Connection-String': database },
    signal: hangUp.signal,
  })
  await expect.poll(() => count("query like '%pg_sleep%' and state = 'active'")).toBe(1)
  hangUp.abort()
  await expect(asked).rejects.toThrow('aborted')
  await expect.poll(() => count("query like '%pg_sleep%' and state = 'active'")).toBe(0)
})

test('no more connections than its share, for one user and database', async () => {
  const { sql, database } = await startProxied()
  const count = await watch(database)
  await Promise.all(Array.from({ length: 10 * CONNECTIONS_PER_POOL }, () => sql`select 1`))
  expect(await count("application_name = 'neon-proxy'")).toBeLessThanOrEqual(CONNECTIONS_PER_POOL)
})

test('users and databases in use at once are bounded, with a clear error beyond', async () => {
  const { post, database } = await startProxied()
  const client = newClient(database)
  await client.connect()
  onTestFinished(() => client.end())
  const name = new URL(database).pathname.slice(1)
  const names = Array.from({ length: POOLS + 1 }, (_, n) => `${name}_${n}`)
  for (const each of names) await client.query(`create database ${each}`)
  onTestFinished(async () => {
    for (const each of names) await client.query(`drop database ${each} with (force)`)
  })
  /** Of those that the proxy has with the others, and what is done with each. */
  const count = async (what: string, act = 'true') => {
    const of = `datname like '${name}\\_%' and application_name = 'neon-proxy'`
    const { rows } = await client.query(
      `select count(*) filter (where ${act})::int from pg_stat_activity where ${of} and ${what}`,
    )
    return rows[0].count
  }
  const on = (each: string, query: string) =>
    post({ query }, { 'Neon-Connection-String': database.replace(name, each) })
  const sleeping = names.slice(0, POOLS).map((each) => on(each, 'select pg_sleep(600)'))
  await expect.poll(() => count("wait_event = 'PgSleep'")).toBe(POOLS)
  const refused = await on(names[POOLS] ?? '', 'select 1')
  expect([refused.status, await refused.json()]).toMatchObject([
    503,
    { message: `too many users and databases (max is ${POOLS}) at once` },
  ])
  await count("wait_event = 'PgSleep'", 'pg_cancel_backend(pid)')
  for (const response of await Promise.all(sleeping)) expect(await response.json()).toMatchObject({ code: '57014' })
  expect((await on(names[POOLS] ?? '', 'select 1')).status).toBe(200) // those that are done have made room
  await expect.poll(() => count(`datname = '${names[0]}'`)).toBe(0)
})

test('a wrong password is forgotten at once', async () => {
  const { post, database } = await startProxied()
  for (let n = 0; n <= POOLS; n++) {
    const response = await post(
      { query: 'select 1' },
      { 'Neon-Connection-String': database.replace(':products@', `:wrong${n}@`) },
    )
    expect(await response.json()).toMatchObject({ code: '28P01' })
  }
})

test('tunnels are bounded, with a clear error beyond', async () => {
  const { url } = await startProxied()
  const open = () => new WebSocket(url.replace('http', 'ws').replace('/sql', '/v2'))
  const tunnels = Array.from({ length: TUNNELS }, open)
  await Promise.all(tunnels.map((tunnel) => once(tunnel, 'open')))
  await expect(once(open(), 'open')).rejects.toThrow('Unexpected server response: 503')
  tunnels[0]?.close()
  await expect
    .poll(() =>
      once(open(), 'open').then(
        () => 'open',
        () => 'refused',
      ),
    )
    .toBe('open')
})

test.each([
  ['a statement', { query: 'select pg_sleep(60)' }],
  ['a transaction', { queries: [{ query: 'select pg_sleep(60)' }] }],
])('the proxy ends though %s is under way, and Postgres stops working on it', async (_, body) => {
  const { post, close, database } = await startProxied()
  const count = await watch(database)
  const asked = post(body)
  asked.catch(() => {})
  await expect.poll(() => count("query like '%pg_sleep%' and state = 'active'")).toBe(1)
  await close()
  await expect(asked).rejects.toThrow('fetch failed')
  await expect.poll(() => count('true')).toBe(0)
})

test('the proxy ends though Postgres says nothing', async () => {
  const asked = Promise.withResolvers<void>()
  const silent = createServer(() => asked.resolve())
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const port = portOf(silent)
  const { post, close } = await startProxied({ postgres: { host: '127.0.0.1', port } })
  const refused = expect(post({ query: 'select 1' })).rejects.toThrow('fetch failed')
  await asked.promise
  await close()
  await refused
  silent.close()
})
