import { neon } from '@neondatabase/serverless'
import { expect, test } from 'vitest'
import * as statements from './statements.ts'

const sql = neon('postgresql://user:password@nowhere.invalid/products') // is asked nothing
const product = { name: 'Tea', price: '1.50', quantity: 3 }
const target = { id: 1, versions: [1, 2] }
const context = { eventId: '', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
const key = { caller: 'caller', key: 'key', fingerprint: 'fingerprint', lock: '1' }

const all = {
  selectProducts: statements.selectProducts(sql, { limit: 20, after: 0 }),
  selectProduct: statements.selectProduct(sql, 1),
  selectExistence: statements.selectExistence(sql, 1),
  insertOne: statements.insertOne(sql, product, context),
  insertMany: statements.insertMany(sql, [product], context),
  'insertUnderKey, of one': statements.insertUnderKey(sql, [product], context, { ...key, answer: 'of one' }),
  'insertUnderKey, of many': statements.insertUnderKey(sql, [product], context, { ...key, answer: 'of many' }),
  updateOne: statements.updateOne(sql, target, { name: 'Tea' }, context),
  deleteOne: statements.deleteOne(sql, target, context),
}

/** With its parameters as the database gets them, and without the indentation that all its lines share. */
function show(query: ReturnType<typeof sql>) {
  if (!('toParameterizedQuery' in query.queryData)) throw new Error('It is no template')
  const text = query.queryData.toParameterizedQuery().query
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => line.trimEnd())
    .join('\n')
}

test('statements.sql has every statement in full', async () => {
  expect(Object.keys(all).map((name) => name.replace(/,.*/, ''))).toEqual(
    expect.arrayContaining(Object.keys(statements)),
  )
  const text = Object.entries(all).map(([name, query]) => `-- ${name}\n${show(query)};\n`)
  await expect(text.join('\n')).toMatchFileSnapshot('statements.sql')
})
