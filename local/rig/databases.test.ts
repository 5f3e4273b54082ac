import { newClient } from '../machine/pg-client.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, dropDatabase } from './databases.ts'
import { migrate } from '../deploy/migrate.ts'

const { DATABASE_URL } = inject('services')

async function connect(url: string) {
  const client = newClient(url)
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function fresh() {
  const url = await createDatabase(DATABASE_URL)
  onTestFinished(() => dropDatabase(url))
  return url
}

test('databases made at once are each migrated, and apart', async () => {
  const urls = await Promise.all([fresh(), fresh(), fresh(), fresh()])
  expect(new Set(urls).size).toBe(4)
  const [one, two] = await Promise.all(urls.slice(0, 2).map(connect))
  await one?.query("insert into products (name, price, quantity) values ('Tea', 1, 1)")
  expect((await two?.query('select * from products'))?.rows).toEqual([])
  for (const url of urls) expect(await migrate(url)).toEqual([])
})

test('it is a copy: no migration runs a second time', async () => {
  const clients = await Promise.all([await fresh(), await fresh()].map(connect))
  const [one, two] = await Promise.all(
    clients.map(async (client) => (await client.query('select name, run_on from pgmigrations')).rows),
  )
  expect(one?.length).toBeGreaterThan(0)
  expect(one).toEqual(two)
})

test('it gets the name that is asked for, and drops with someone connected', async () => {
  const name = `named "${crypto.randomUUID()}"`
  const url = await createDatabase(DATABASE_URL, name)
  const client = await connect(url)
  expect((await client.query('select current_database() as name')).rows).toEqual([{ name }])
  await dropDatabase(url)
  await dropDatabase(url)
  await expect(connect(url)).rejects.toMatchObject({ code: '3D000' })
})
