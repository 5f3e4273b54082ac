import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { stage } from '../../local/rig/stage.ts'
import { insertProductOnce, insertProductsOnce } from './idempotent.ts'
import { deleteProduct, insertProduct, insertProducts, updateProduct } from './write.ts'

const { sql } = stage()
const context = { eventId: crypto.randomUUID() }
const product = { name: 'Tea', price: '1.50', quantity: 3 }
let target = { id: 0, versions: undefined }

const writes = {
  insertProduct: () => insertProduct(sql, product, context),
  insertProducts: () => insertProducts(sql, [product, product], context),
  insertProductOnce: () => insertProductOnce(sql, product, context, { caller: '', key: 'key' }),
  insertProductsOnce: () => insertProductsOnce(sql, [product, product], context, { caller: '', key: 'import' }),
  updateProduct: () => updateProduct(sql, target, { quantity: 4 }, context),
  deleteProduct: () => deleteProduct(sql, target, context),
}
const state = () => sql`
  select (select json_agg(product) from products as product) as products, (select count(*)::int from outbox) as events,
    (select count(*)::int from idempotency_keys) as keys`

beforeAll(
  () =>
    sql`create function fail() returns trigger language plpgsql as $$ begin raise exception 'provoked' using errcode = 'P0001'; end $$`,
)
beforeEach(async () => {
  const { product: made } = await insertProduct(sql, product, context)
  target = { ...target, id: made.id }
})
afterEach(async () => {
  for (const table of TABLES) await sql.query(`drop trigger if exists fail on ${table}`)
})

const TABLES = ['products', 'outbox', 'idempotency_keys']
const touched = (name: string) => TABLES.slice(0, name.endsWith('Once') ? 3 : 2)
const cases = Object.entries(writes).flatMap(([name, write]) => touched(name).map((table) => ({ name, table, write })))

test.each(cases)(
  '$name leaves neither row nor event nor key where the commit of $table fails',
  async ({ table, write }) => {
    await sql.query(`create constraint trigger fail after insert or update or delete on ${table} deferrable initially deferred
    for each row execute function fail()`)
    const before = await state()
    await expect(write()).rejects.toThrow('provoked')
    expect(await state()).toEqual(before)
  },
)
