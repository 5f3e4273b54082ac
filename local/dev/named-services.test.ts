import { newClient } from '../machine/pg-client.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { announce, areLocal, refuseTablesOfOthers } from './named-services.ts'

const server = inject('services').DATABASE_URL

async function query(url: string, sql: string) {
  const client = newClient(url)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

/** An empty database, and what is done in it. */
async function database(sql = '') {
  const name = `others_${crypto.randomUUID().replaceAll('-', '')}`
  await query(server, `create database ${name}`)
  const url = new URL(`/${name}`, server).href
  onTestFinished(() => dropDatabase(url))
  await query(url, sql)
  return { url, name }
}

test('a database with nothing in it, or with our tables beside others, is taken', async () => {
  await refuseTablesOfOthers((await database()).url, undefined)
  const ours = await createDatabase(server)
  onTestFinished(() => dropDatabase(ours))
  await query(ours, 'create table customers (n int)')
  await refuseTablesOfOthers(ours, undefined)
})

test.each([
  ['tables', 'create table customers (n int); create table orders (n int)', 'customers, orders'],
  ['products, but not ours', 'create table products (n int)', 'products'],
  [
    'many tables',
    'create table a (); create table b (); create table c (); create table d (); create table e ()',
    'a, b, c and 2 more',
  ],
  ["another one's node-pg-migrate", 'create table pgmigrations (id int, name text, run_on timestamp)', 'pgmigrations'],
  [
    'tables where the role has a schema of its own',
    'create schema products; create table products.customers ()',
    'customers',
  ],
])('one with %s is refused, unless it is named', async (_, sql, tables) => {
  const { url, name } = await database(sql)
  const said = `has tables of others: ${tables}. \`npm run dev -- --into ${name}\` puts ours beside them`
  await expect(refuseTablesOfOthers(url, undefined)).rejects.toThrow(said)
  await refuseTablesOfOthers(url, name)
  await expect(refuseTablesOfOthers(url, 'another')).rejects.toThrow(
    `--into another: DATABASE_URL names the database ${name}`,
  )
})

test('they are announced by host and name, without user, password and options', () => {
  const DATABASE_URL = 'postgresql://me:s3cret@ep-x.eu-central-1.aws.neon.tech/shop?sslmode=require&password=s3cret'
  expect(announce({ DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS: 'broker.example:9092' })).toEqual([
    'Using DATABASE_URL: database shop on ep-x.eu-central-1.aws.neon.tech:5432 gets our tables, and the products of this run',
    'Using KAFKA_BOOTSTRAP_SERVERS: broker.example:9092 gets the events of this run',
  ])
  expect(announce({})).toEqual([])
})

test.each([
  [{}, true],
  [{ DATABASE_URL: 'postgresql://u:p@localhost/d', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1, [::1]:2' }, true],
  [{ DATABASE_URL: 'postgresql://u:p@[::1]:5432/d' }, true],
  [{ DATABASE_URL: 'postgresql://u:p@db.example/d' }, false],
  [{ DATABASE_URL: 'postgresql://u:p@localhost.example/d' }, false],
  [{ DATABASE_URL: 'postgresql://u:p@localhost/d?host=db.example' }, false],
  [{ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1,broker:2' }, false],
  [{ KAFKA_BOOTSTRAP_SERVERS: '10.0.0.1:9092' }, false],
])('%j on this machine: %j', (named, local) => {
  expect(areLocal(named)).toBe(local)
})

test('one whose tables are locked is not waited for', async () => {
  const { url } = await database('create table pgmigrations (name text)')
  const other = newClient(url)
  await other.connect()
  onTestFinished(() => other.end())
  await other.query('begin; lock table pgmigrations')
  await expect(refuseTablesOfOthers(url, undefined)).rejects.toThrow('DATABASE_URL: Query read timeout')
})
