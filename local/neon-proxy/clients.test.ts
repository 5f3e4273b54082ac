// Each way in which programs use Neon, with a connection string as Neon's console shows it.

import { Client, neon, Pool } from '@neondatabase/serverless'
import { eq, sql as drizzleSql } from 'drizzle-orm'
import { drizzle as drizzleHttp } from 'drizzle-orm/neon-http'
import { drizzle as drizzleWebSocket } from 'drizzle-orm/neon-serverless'
import { bigint, integer, numeric, pgTable, text } from 'drizzle-orm/pg-core'
import { type Generated, Kysely, PostgresDialect } from 'kysely'
import { NeonDialect } from 'kysely-neon'
import { expect, test } from 'vitest'
import { startProxied } from './fixtures.ts'

const products = pgTable('products', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  price: numeric().notNull(),
  quantity: integer().notNull(),
})
type Database = { products: { id: Generated<string>; name: string; price: string; quantity: number } }
const tea = { name: 'tea', price: '1.50', quantity: 3 }

test('neon() and its transaction()', async () => {
  const { neonUrl } = await startProxied()
  const sql = neon(neonUrl)
  const insert = sql`insert into products (name, price, quantity) values (${tea.name}, ${tea.price}, ${tea.quantity})`
  expect(await sql.transaction([insert, sql`select name, price, quantity from products`])).toEqual([[], [tea]])
})

test('Pool and Client over a WebSocket', async () => {
  const { neonUrl } = await startProxied()
  await using ended = new AsyncDisposableStack()
  const pool = ended.adopt(new Pool({ connectionString: neonUrl }), (open) => open.end())
  await pool.query('insert into products (name, price, quantity) values ($1, $2, $3)', Object.values(tea))
  const client = new Client(neonUrl)
  await client.connect()
  await client.query('begin')
  await client.query('delete from products')
  await client.query('rollback')
  expect((await client.query('select name, price, quantity from products')).rows).toEqual([tea])
  await client.end()
})

test('Drizzle over HTTP', async () => {
  const { neonUrl } = await startProxied()
  const db = drizzleHttp(neonUrl)
  const [inserted] = await db.insert(products).values(tea).returning()
  expect(inserted).toMatchObject(tea)
  const results = await db.batch([
    db.update(products).set({ quantity: 4 }).where(eq(products.name, 'tea')),
    db.select().from(products),
  ])
  expect(results[1]).toEqual([{ ...inserted, quantity: 4 }])
  await expect(db.execute(drizzleSql`select 1 / 0`)).rejects.toMatchObject({ cause: { code: '22012' } })
})

test('Drizzle over a WebSocket, with a transaction', async () => {
  const { neonUrl } = await startProxied()
  await using ended = new AsyncDisposableStack()
  const pool = ended.adopt(new Pool({ connectionString: neonUrl }), (open) => open.end())
  const db = drizzleWebSocket(pool)
  await db.transaction((transaction) => transaction.insert(products).values(tea))
  await expect(
    db.transaction(async (transaction) => {
      await transaction.delete(products)
      transaction.rollback()
    }),
  ).rejects.toThrow('Rollback')
  expect(await db.select().from(products)).toMatchObject([tea])
})

test('Kysely over HTTP', async () => {
  const { neonUrl } = await startProxied()
  const db = new Kysely<Database>({ dialect: new NeonDialect({ neon: neon(neonUrl) }) })
  await db.insertInto('products').values(tea).execute()
  expect(await db.selectFrom('products').select(['name', 'price', 'quantity']).execute()).toEqual([tea])
  const updated = await db.updateTable('products').set({ quantity: 4 }).executeTakeFirst()
  expect(updated.numUpdatedRows).toBe(1n)
})

test('Kysely over a WebSocket, with a transaction', async () => {
  const { neonUrl } = await startProxied()
  const pool = new Pool({ connectionString: neonUrl })
  const { options } = pool
  const dialect = new PostgresDialect({ pool: { options, connect: () => pool.connect(), end: () => pool.end() } })
  await using db = new Kysely<Database>({ dialect }) // which ends the pool
  await db.transaction().execute((transaction) => transaction.insertInto('products').values(tea).execute())
  expect(await db.selectFrom('products').select(['name', 'price', 'quantity']).execute()).toEqual([tea])
})
