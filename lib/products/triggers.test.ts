// The database writes the event of every change of a product, whoever makes it.

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Client, Connection } from 'pg'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { newClient } from '../../local/machine/pg-client.ts'
import { stage } from '../../local/rig/stage.ts'
import { deleteProduct, insertProduct, insertProducts, updateProduct } from './write.ts'

const { env, sql } = stage()
const product = { name: 'Tea', price: '1.5', quantity: 3 }
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** A session as psql has it, as the owner of the tables. */
async function connect() {
  const client = newClient(env.DATABASE_URL)
  onTestFinished(() => client.end())
  await client.connect()
  return { run: async (...statements: string[]) => void (await client.query(statements.join(';'))), client }
}

/** COPY … FROM STDIN, of which pg leaves the messages to who asks for it. */
const copy = (client: Client, text: string, lines: string) =>
  new Promise<void>((resolve, reject) => {
    const message = (type: string, data: string) => {
      const head = Buffer.from(`${type}....`)
      head.writeInt32BE(4 + Buffer.byteLength(data), 1)
      return Buffer.concat([head, Buffer.from(data)])
    }
    client.query({
      submit: (connection: Connection) => connection.query(text),
      handleCopyInResponse: ({ stream }: Connection) =>
        stream.write(Buffer.concat([message('d', lines), message('c', '')])),
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    })
  })

type Outbox = { event_id: string; type: string; key: string; payload: Record<string, unknown>; awaited: boolean }
const events = async () =>
  (await sql`select event_id, type, key, payload::json as payload, headers, awaited from outbox order by id`) as Outbox[]
const told = async () =>
  (await events()).map(({ type, payload: { pname, version = 1 } }) => [type.replace('product.', ''), pname, version])
const versionOf = async (name: string) => (await sql`select version from products where name = ${name}`)[0]?.version

beforeEach(async () => {
  await sql`delete from products`
  await sql`truncate outbox`
})

test('the event of a request has its id, its trace, and the bytes that it always had', async () => {
  const eventId = randomUUID()
  const { product: made } = await insertProduct(sql, product, { eventId, traceparent, awaited: true })
  const [row] = await sql`
    select outbox.*, outbox.created_at = products.created_at as at_once, outbox.headers::text as headers
    from outbox, products`
  const headers = {
    ce_specversion: '1.0',
    ce_id: eventId,
    ce_source: '/products',
    ce_type: 'product.created',
    ce_time: made.created_at,
    'content-type': 'application/json',
    traceparent,
  }
  expect(row).toMatchObject({ event_id: eventId, type: 'product.created', key: `${made.id}`, topic: null })
  expect(row).toMatchObject({ awaited: true, at_once: true, target: null })
  expect(row?.payload).toBe(
    `{"type":"product.created","product_id":${made.id},"pname":"Tea","price":"1.50","quantity":3,"created_at":"${made.created_at}"}`,
  )
  expect(JSON.stringify(JSON.parse(String(row?.headers)))).toBe(JSON.stringify(headers))
})

test('a change and a deletion say their version, and when they were', async () => {
  const { product: made } = await insertProduct(sql, product, { eventId: randomUUID() })
  const target = { id: made.id, versions: [1, 2] }
  await updateProduct(sql, target, { quantity: 4 }, { eventId: randomUUID() })
  expect(await deleteProduct(sql, target, { eventId: randomUUID() })).toMatchObject({ version: 3 })
  const [, updated, deleted] = await sql`
    select payload, headers ->> 'ce_time' as ce_time, outbox.created_at > now() - interval '1 minute' as is_new from outbox order by id`
  const fields = (quantity: number) =>
    `"product_id":${made.id},"pname":"Tea","price":"1.50","quantity":${quantity},"created_at":"${made.created_at}"`
  expect(updated).toEqual({
    payload: `{"type":"product.updated",${fields(4)},"version":2,"updated_at":"${updated?.ce_time}"}`,
    ce_time: expect.stringMatching(/^\d{4}-.*\+00:00$/),
    is_new: true,
  })
  expect(deleted?.payload).toBe(
    `{"type":"product.deleted",${fields(4)},"version":3,"deleted_at":"${deleted?.ce_time}"}`,
  )
})

test('of many products each has an event of its own, in their order', async () => {
  const eventId = randomUUID()
  const made = await insertProducts(sql, Array(100).fill(product), { eventId, traceparent })
  const rows = await events()
  expect(rows.map(({ key }) => Number(key))).toEqual(made.map(({ product }) => product.id))
  expect(new Set([...rows.map(({ event_id }) => event_id), eventId]).size).toBe(101)
})

describe('without a word of our API', () => {
  test('SQL of all kinds has its events, and versions that go up by one', async () => {
    const { run } = await connect()
    await run("insert into products (name, price, quantity) values ('a', 1, 1), ('b', 2, 2)")
    await run("update products set price = 3, version = 70 where name = 'a'")
    await run("update products set price = price where name = 'b'") // an update is one, also where all is as before
    await run("update products set price = 3 where name = 'nobody'")
    await run("delete from products where name = 'a'")
    expect(await told()).toEqual([
      ['created', 'a', 1],
      ['created', 'b', 1],
      ['updated', 'a', 2],
      ['updated', 'b', 2],
      ['deleted', 'a', 3],
    ])
    expect(new Set((await events()).map(({ event_id }) => event_id)).size).toBe(5)
  })

  test('insert … on conflict, merge and COPY have theirs', async () => {
    const { run, client } = await connect()
    await run("insert into products (name, price, quantity) values ('a', 1, 1)")
    const { rows } = await client.query<{ id: string }>('select id from products')
    const again = `insert into products (id, name, price, quantity) overriding system value values (${rows[0]?.id}, 'x', 1, 1)`
    await run(`${again} on conflict (id) do nothing`)
    await run(`${again} on conflict (id) do update set name = 'b'`)
    await run(`merge into products using (values ('b', 7), ('c', 8)) as wanted (name, price) on products.name = wanted.name
      when matched then update set price = wanted.price
      when not matched then insert (name, price, quantity) values (wanted.name, wanted.price, 1)`)
    await copy(client, 'copy products (name, price, quantity) from stdin', 'd\t1\t1\ne\t1\t1\n')
    const names = (await told()).map((each) => each.join(' ')).toSorted()
    expect(names).toEqual(['created a 1', 'created c 1', 'created d 1', 'created e 1', 'updated b 2', 'updated b 3'])
  })

  test('a transaction has the events of all that it did, in order; what is rolled back has none', async () => {
    const { run } = await connect()
    await run(
      'begin',
      "insert into products (name, price, quantity) values ('a', 1, 1)",
      "update products set name = 'b' where name = 'a'",
      'savepoint before',
      "update products set name = 'c' where name = 'b'",
      'rollback to before',
      "update products set name = 'd' where name = 'b'",
      'commit',
    )
    await run('begin', "update products set name = 'e' where name = 'd'", 'rollback')
    expect(await told()).toEqual([
      ['created', 'a', 1],
      ['updated', 'b', 2],
      ['updated', 'd', 3],
    ])
  })

  test('TRUNCATE and a new id are refused, with what to do', async () => {
    const { run } = await connect()
    await run("insert into products (name, price, quantity) values ('a', 1, 1)")
    await expect(run('truncate products')).rejects.toMatchObject({ code: '0A000', hint: 'Use DELETE FROM products.' })
    await expect(run('update products set id = default')).rejects.toMatchObject({ code: '23001' })
    expect(await told()).toEqual([['created', 'a', 1]])
  })

  test('a replica and a restore, which turn triggers off, write no event', async () => {
    const { run } = await connect()
    await run(
      'begin',
      'alter table products disable trigger user',
      "insert into products (name, price, quantity) values ('restored', 1, 1)",
      'alter table products enable trigger user',
      'commit',
    )
    expect(await told()).toEqual([])
    const [{ modes } = {}] = await sql`
      select json_agg(distinct tgenabled) as modes from pg_trigger where tgrelid = 'products'::regclass and not tgisinternal`
    expect(modes).toEqual(['O']) // "origin": not where session_replication_role is replica
  })

  test.skipIf(!inject('hasRoles'))('nobody who may change products need have a right to the outbox', async () => {
    const { run, client } = await connect()
    const name = `clerk_${randomUUID().slice(0, 8)}`
    const [{ schema } = {}] = await sql`select current_schema() as schema`
    await run('begin', `create schema ${name}`, `create table ${name}.outbox (n int)`) // is not written to
    await client.query(`set local search_path = ${name}, ${schema}`)
    await client.query("insert into products (name, price, quantity) values ('a', 1, 1)")
    await run('commit')
    await run(`drop schema ${name} cascade`)
    expect(await told()).toEqual([['created', 'a', 1]])
    const [{ definer } = {}] =
      await sql`select prosecdef as definer from pg_proc where proname = 'write_product_events'`
    expect(definer).toBe(true)
  })
})

describe('what a request says of its event', () => {
  const eventId = '0199f1b2-6c1e-4d6f-9d3a-3f6d0f9f7a10'
  const insert = "insert into products (name, price, quantity) values ('a', 1, 1)"
  const say = (text: string) => `select set_config('product_api.event', '${text}', true)`

  test('is of one statement, though the transaction goes on', async () => {
    const { run } = await connect()
    await run('begin', say(`${eventId} t ${traceparent}`), insert, insert, 'commit')
    const [first, second] = await events()
    expect(first).toMatchObject({ event_id: eventId, awaited: true, headers: { traceparent } })
    expect(second).toMatchObject({ awaited: false, headers: expect.not.objectContaining({ traceparent }) })
    expect(second?.event_id).not.toBe(eventId)
  })

  test.each(['', 'x', eventId, `${eventId} 7 `, `${'z'.repeat(36)} t `, `${'-'.repeat(36)} t `])(
    'is nothing where it is %j',
    async (text) => {
      const { run } = await connect()
      await run('begin', say(text), insert, 'commit')
      expect(await events()).toMatchObject([{ awaited: false, event_id: expect.not.stringContaining(eventId) }])
    },
  )
})

// Handlers of before 0007 write the event in their own statement. They run on while it is applied, and come back where
// the handlers are rolled back.
describe('a handler of before', async () => {
  const text = await readFile(new URL('statements-before-0007.sql', import.meta.url), 'utf8')
  const statement = (name: string) =>
    text
      .split(/^-- /m)
      .find((part) => part.startsWith(`${name}\n`))
      ?.slice(name.length)
  const eventIds = (rows: Record<string, unknown>[]) => rows.map(({ event_id }) => event_id)
  const run = (name: string, values: unknown[]) => sql.query(statement(name) ?? '', values)

  test('gives each change one event, which is its own', async () => {
    const created = await run('insertOne', ['Tea', '1.50', 3, true, traceparent, 'product.created'])
    const id = Number(created[0]?.id)
    const updated = await run('updateOne', [null, null, 4, id, [1], false, '', 'product.updated'])
    expect(updated).toMatchObject([{ version: 2 }])
    expect(await run('updateOne', [null, null, 5, id, [1], false, '', 'product.updated'])).toEqual([]) // another version
    const deleted = await run('deleteOne', [id, [2], false, '', 'product.deleted'])
    const many = await run('insertMany', [['a', 'b'], ['1', '2'], [1, 2], false, '', 'product.created'])
    expect(eventIds(await events())).toEqual(eventIds([...created, ...updated, ...deleted, ...many]))
    expect(await told()).toEqual([
      ['created', 'Tea', 1],
      ['updated', 'Tea', 2],
      ['deleted', 'Tea', 3],
      ['created', 'a', 1],
      ['created', 'b', 1],
    ])
  })

  test('does not keep the next statement of its session from having an event', async () => {
    const { run: query, client } = await connect()
    await query('begin')
    await client.query(statement('insertOne') ?? '', ['Tea', '1.50', 3, false, '', 'product.created'])
    await client.query(
      "insert into outbox (event_id, type, key, payload, headers) values (gen_random_uuid(), 'x', '1', '{}', '{}')",
    )
    await query("update products set name = 'Coffee'", 'commit')
    expect((await told()).map(([type, name]) => [type, name])).toEqual([
      ['created', 'Tea'],
      ['x', undefined],
      ['updated', 'Coffee'],
    ])
    expect(await versionOf('Coffee')).toBe(2)
  })
})
