import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, onTestFinished, test } from 'vitest'
import { HANDLERS } from '../../lib/handlers.ts'
import { newClient } from '../machine/pg-client.ts'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { countEvents } from '../rig/read-topics.ts'
import { commandLinesFrom, dev, newPlace, nothingLeft, type Place, post, processes, product, SLOW } from './fixtures.ts'

/** As whom Workers are logged in to the Postgres of a place. */
async function users({ offset }: Place) {
  const client = newClient(`postgresql://products:products@127.0.0.1:${5432 + offset}/products`)
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    "select distinct usename as name from pg_stat_activity where application_name = 'neon-proxy' order by 1",
  )
  await client.end()
  return rows.map(({ name }) => name)
}

const NAMES = [...HANDLERS.map(({ name }) => name), 'gateway']

test('a first start is ready, answers, refuses a second one, and leaves nothing behind', async () => {
  const place = await newPlace()
  const first = dev(place)
  const api = await first.ready()
  const created = await post(api, product)
  expect(created.status).toBe(201)
  expect(await created.json()).toMatchObject(product)

  const second = async () => {
    const { exited, output } = dev(place)
    expect(await exited).toBe(1)
    return output()
  }
  // Again where the first one takes longer to say who it is, on a busy machine.
  await expect.poll(second, SLOW).toBe(`npm run dev: already running: process ${first.child.pid}, API ${api}\n`)
  const reset = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'reset.ts')], { env: place.env })
  await expect(reset).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('stop npm run dev first') })

  expect(await processes(place)).not.toEqual([])
  first.child.kill('SIGINT')
  expect(await first.exited).toBe(0)
  await nothingLeft(place)
})

test('after kill -9 the next start has all data, and reset forgets it', async () => {
  const place = await newPlace()
  const killed = dev(place)
  const location = (await post(await killed.ready(), product)).headers.get('location') ?? ''
  killed.child.kill('SIGKILL')
  await killed.exited
  await expect
    .poll(() => processes(place).then((lines) => lines.filter((line) => !/postgres/.test(line))), SLOW)
    .toEqual([])

  const next = dev(place)
  const found = await fetch(new URL(location, await next.ready()))
  expect(await found.json()).toMatchObject(product)
  next.child.kill('SIGKILL')
  await next.exited

  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'reset.ts')], { env: place.env })
  expect(await processes(place).then((lines) => lines.filter((line) => /postgres/.test(line)))).toEqual([])
  const fresh = dev(place)
  expect((await fetch(new URL(location, await fresh.ready()))).status).toBe(404)
  fresh.child.kill('SIGTERM')
  expect(await fresh.exited).toBe(0)
})

test('a taken port is said, and one handler runs on its own', async () => {
  const place = await newPlace()
  const taken = 9092 + place.offset
  const other = createServer().listen(taken, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { child, ready, output, exited } = dev(place, ['-e', 'list-products'])
  const api = await ready()
  expect(output()).toContain(`Kafka: port ${taken} is taken, using ${taken + 1}\n`)
  expect((await fetch(`${api}/products`)).status).toBe(200)
  expect((await post(api, product)).status).toBe(405)
  child.kill('SIGHUP')
  expect(await exited).toBe(0)
})

test('gateway and functions run as Workers of their own, behind the same address', async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place, ['--split'])
  const api = await ready()
  const created = await post(api, product)
  expect(created.status).toBe(201)
  expect(await (await fetch(new URL(created.headers.get('location') ?? '', api))).json()).toMatchObject(product)
  const removed = await fetch(`${api}/products`, { method: 'DELETE' })
  expect([removed.status, removed.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  expect((await fetch(`${api}/docs`)).status).toBe(200)
  expect(await (await fetch(`${api}/cdn-cgi/local/scheduled`)).text()).toBe('ok')
  await expect
    .poll(async () => (await fetch(`${api}/health`)).json())
    .toMatchObject({ status: 'ok', outbox: { pending: 0 } })
  // All of them once more, as a connection that is not used is closed after 30 s.
  const usersOfAll = async () => {
    await post(api, product)
    await Promise.all(['/products', '/health', '/cdn-cgi/local/scheduled'].map((path) => fetch(api + path)))
    return users(place)
  }
  await expect.poll(usersOfAll, SLOW).toEqual(['products_reader', 'products_writer'])
  for (const name of ['create-product', 'get-product', 'gateway', 'describe-api', 'health'])
    await expect.poll(output).toMatch(new RegExp(`\\[${name}\\] .*"message":"request"`)) // each said by its own Worker
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  await nothingLeft(place)
})

test('each Worker of --split has what the shell has', async () => {
  const place = await newPlace()
  const [token, origin, topic] = ['sesame', 'https://shop.example', 'shop.made']
  const API_TOKENS = createHash('sha256').update(token).digest('hex')
  const { child, ready, exited } = dev(place, ['--split'], {
    API_TOKENS,
    ALLOWED_ORIGINS: origin,
    PRODUCTS_TOPIC: topic,
  })
  const api = await ready()
  expect((await post(api, product)).status).toBe(401)
  const created = await post(api, product, { authorization: `Bearer ${token}`, origin })
  expect([created.status, created.headers.get('access-control-allow-origin')]).toEqual([201, origin])
  await expect.poll(() => countEvents([`127.0.0.1:${9092 + place.offset}`], topic), SLOW).toBe(1)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
})

test('what is elsewhere is announced first, gets no API that is open to all, and no secret is on a command line', async () => {
  const place = await newPlace()
  const KAFKA_SASL_PASSWORD = crypto.randomUUID()
  const sasl = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD }
  const { child, ready, output, exited } = dev(place, [], { KAFKA_BOOTSTRAP_SERVERS: 'broker.invalid:9092', ...sasl })
  const api = await ready()
  expect(output()).toMatch(/^Using KAFKA_BOOTSTRAP_SERVERS: broker\.invalid:9092 gets the events of this run\n/)
  const [, token = ''] = /Token +(\S{32})\n/.exec(output()) ?? []
  expect(output()).toContain(`curl ${api}/products -H 'authorization: Bearer ${token}'\n`)
  expect((await post(api, product)).status).toBe(401)
  expect((await post(api, product, { authorization: `Bearer ${token}` })).status).toBe(201)
  const hash = createHash('sha256').update(token).digest('hex')
  const lines = [...(await commandLinesFrom(child.pid)), ...(await processes(place))].join('\n')
  expect(lines).toMatch(/workerd serve/)
  for (const secret of [token, hash, KAFKA_SASL_PASSWORD, 'products:products@']) expect(lines).not.toContain(secret)
  expect(output()).not.toContain(KAFKA_SASL_PASSWORD)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
})

test('a database with tables of others is left as it was', async () => {
  const place = await newPlace()
  const url = await createDatabase(inject('services').DATABASE_URL)
  onTestFinished(() => dropDatabase(url))
  const client = newClient(url)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('drop table pgmigrations')
  const { exited, output } = dev(place, [], { DATABASE_URL: url })
  expect(await exited).toBe(1)
  const [host, database] = [new URL(url).host, new URL(url).pathname.slice(1)]
  expect(output()).toMatch(new RegExp(`^Using DATABASE_URL: database ${database} on ${host} gets our tables`))
  expect(output()).toContain(`\nnpm run dev: database ${database} on ${host} has tables of others: idempotency_keys, `)
  expect((await client.query("select to_regclass('pgmigrations') as made")).rows).toEqual([{ made: null }])
  expect(await processes(place)).toEqual([])
})

test.each([
  [
    'an unknown environment',
    ['-e', 'nothing'],
    {},
    `npm run dev: there is no function nothing: it is one of ${NAMES.join(', ')}`,
  ],
  [
    'an environment that the shell chooses',
    [],
    { CLOUDFLARE_ENV: 'health' },
    'npm run dev: CLOUDFLARE_ENV=health is set, and chooses nothing here: unset it, and say `npm run dev -- -e health` if you mean that',
  ],
  [
    'a broker that is written as Kafka writes it',
    [],
    { KAFKA_BOOTSTRAP_SERVERS: 'PLAINTEXT://127.0.0.1:9092' },
    'npm run dev: KAFKA_BOOTSTRAP_SERVERS is not of the form host:port,host:port',
  ],
  [
    'a database to write into, but none named',
    ['--into', 'shop'],
    {},
    'npm run dev: --into is for a database that DATABASE_URL names, and it names none',
  ],
  [
    'a database that is not there',
    [],
    { DATABASE_URL: 'postgresql://products:secret@127.0.0.1:1/products' },
    'npm run dev: DATABASE_URL: connect ECONNREFUSED 127.0.0.1:1',
  ],
  [
    'an offset that is none',
    [],
    { LOCAL_PORT_OFFSET: 'abc' },
    'npm run dev: LOCAL_PORT_OFFSET is a whole number from 0 to 50000',
  ],
])('%s ends it with a reason and nothing left behind', async (_, args, env, reason) => {
  const place = await newPlace()
  const { exited, output } = dev(place, args, env)
  expect(await exited).toBe(1)
  expect(output()).toContain(`${reason}\n`)
  expect(output()).not.toContain('Ready')
  expect(output()).not.toContain('secret')
  expect(await processes(place)).toEqual([])
})
