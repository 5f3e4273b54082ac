import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { createDatabase } from '../rig/databases.ts'
import { migrate } from '../deploy/migrate.ts'
import { freePort } from '../machine/ports.ts'
import { newFolder, query } from './fixtures.ts'
import { chooseIdentity } from './identity.ts'
import { findPrograms } from './programs.ts'
import { run } from './run.ts'
import { startPostgres } from './server.ts'

const ROLES =
  "select rolname as name, rolsuper as super from pg_roles where rolcanlogin and rolname !~ '^pg_' order by 1"

/** What a local server promises of its roles, and a role of Neon has as well. */
async function expectLeastPower(url: string) {
  expect(await query(url, ROLES)).toEqual([
    { name: 'postgres', super: true },
    { name: 'products', super: false },
    { name: 'products_reader', super: false },
    { name: 'products_writer', super: false },
  ])
  await expect(query(url, "create temp table t (line text); copy t from program 'id'")).rejects.toMatchObject({
    code: '42501',
  })
  await expect(query(url, 'set role postgres')).rejects.toMatchObject({ code: '42501' })
  const owner = 'select pg_get_userbyid(datdba) as owner from pg_database where datname = current_database()'
  expect(await query(url, owner)).toEqual([{ owner: 'products' }])
  await query(url, 'create schema mine; create table mine.t (); drop schema mine cascade')
  await query(await createDatabase(url), 'select from products')
}

test('the role of the application is no superuser, and may make databases; the superuser has a password of its own, for us alone', async () => {
  const folder = await newFolder()
  const { url, superuserUrl, stop } = await startPostgres({ folder, port: 0 })
  onTestFinished(stop)
  await expectLeastPower(url)
  expect(await query(superuserUrl, 'select current_user as name')).toEqual([{ name: 'postgres' }])
  const { password } = new URL(superuserUrl)
  expect(password).toMatch(/^[\w-]{32}$/)
  const file = join(folder, 'cluster/superuser-password')
  expect(await readFile(file, 'utf8')).toBe(password)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, 'cluster'))).mode & 0o777).toBe(0o700)
})

/** A server as initdb leaves it. */
async function startBare(folder: string, superuser: string) {
  const [programs, cluster] = [await findPrograms(), join(folder, 'cluster')]
  const identity = await chooseIdentity(programs, folder)
  const password = join(folder, 'password')
  await writeFile(password, superuser, { mode: 0o644 })
  const options = [`--pgdata=${cluster}`, `--username=${superuser}`, `--pwfile=${password}`, '--auth=password']
  await run(join(programs, 'initdb'), options, identity)
  await rm(password)
  const port = await freePort('Postgres', 0, () => {})
  const settings = `-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c port=${port}`
  const ctl = (...args: string[]) =>
    run(join(programs, 'pg_ctl'), [...args, '--wait', `--pgdata=${cluster}`], identity, true)
  await ctl('start', `--log=${cluster}.log`, `--options=${settings}`)
  return {
    url: (database: string, user = superuser) => `postgresql://${user}:${user}@127.0.0.1:${port}/${database}`,
    stop: () => ctl('stop', '--mode=fast'),
  }
}

/**
 * A server as older checkouts made it, with `products` as its first superuser, and with something of everything in it.
 */
async function startOldLayout(folder: string) {
  const { url, stop } = await startBare(folder, 'products')
  await query(url('postgres'), 'create database products')
  await query(url('postgres'), 'create database closed')
  await query(url('closed'), "create table kept (n int); comment on table kept is 'closed'")
  await query(url('postgres'), 'alter database closed is_template true allow_connections false')
  await query(
    url('products'),
    `create schema shop;
    create type shop.size as enum ('small'); create domain shop.price as numeric; create type shop.pair as (a int, b int);
    create table shop.kept (id int generated always as identity, n int, size shop.size) partition by list (n);
    create table shop.kept_1 partition of shop.kept for values in (1);
    create table shop.counted (id serial);
    create view shop.seen as select * from shop.kept; create materialized view shop.stored as select * from shop.kept;
    create sequence shop.numbers;
    create function shop.one() returns int language sql return 1;
    create aggregate shop.total (int) (sfunc = int4pl, stype = int);
    create procedure shop.go() language sql begin atomic select 1; end;
    select lo_create(0);
    insert into shop.kept (n, size) values (1, 'small')`,
  )
  return { url: url('products'), stop }
}

const OF_OTHERS = `select oid::regclass::text as name from pg_class where oid >= 16384 and relnamespace = 'shop'::regnamespace and relowner <> 'products'::regrole
  union all select oid::regtype::text from pg_type where oid >= 16384 and typnamespace = 'shop'::regnamespace and typowner <> 'products'::regrole
  union all select oid::regproc::text from pg_proc where oid >= 16384 and proowner <> 'products'::regrole
  union all select nspname::text from pg_namespace where nspname = 'shop' and nspowner <> 'products'::regrole
  union all select oid::text from pg_largeobject_metadata where lomowner <> 'products'::regrole`

test.each(['runs', 'has ended'])(
  'data of the time when products was the superuser is taken over, where its server %s',
  ANEW_IF_BUSY,
  async (how) => {
    const folder = await newFolder()
    const old = await startOldLayout(folder)
    await query(old.url, 'create role products_next login createdb') // of a start that was cut off here
    if (how === 'has ended') await old.stop()
    const said: string[] = []
    const server = await startPostgres({ folder, port: 0, log: (message) => said.push(message) })
    onTestFinished(server.stop)
    expect(server.adopted).toBe(how === 'runs')
    expect(said.join()).toContain(
      `products is no superuser any more. postgres is, with the password in ${folder}/cluster/superuser-password`,
    )
    expect(await query(server.url, 'select id, n, size from shop.kept')).toEqual([{ id: 1, n: 1, size: 'small' }])
    expect(await query(server.url, OF_OTHERS)).toEqual([])
    await query(
      server.url,
      'alter table shop.kept_1 add check (n = 1); alter function shop.one() rename to two; drop procedure shop.go',
    )
    await query(server.url, 'create database copy template closed')
    expect(await query(server.url.replace(/products$/, 'copy'), 'drop table kept')).toEqual([])
    await query(server.url, 'drop database copy')
    await expectLeastPower(server.url)

    await server.stop()
    const again = await startPostgres({ folder, port: 0, log: (message) => said.push(message) })
    onTestFinished(again.stop)
    expect(said.filter((line) => line.includes('superuser'))).toHaveLength(1)
    await expectLeastPower(again.url)
  },
)

test('an old password file that was written before a demotion was cut off is used by the next', async () => {
  const folder = await newFolder()
  const old = await startOldLayout(folder)
  await mkdir(join(folder, 'cluster'), { recursive: true })
  await writeFile(join(folder, 'cluster/superuser-password'), 'made-before')
  const server = await startPostgres({ folder, port: 0 })
  onTestFinished(server.stop)
  expect(new URL(server.superuserUrl).password).toBe('made-before')
  await expectLeastPower(old.url)
})

test('Docker Compose has the same roles, and its superuser is let in by no password', async () => {
  const { url, stop } = await startBare(await newFolder(), 'postgres')
  onTestFinished(async () => void (await stop()))
  const script = await readFile(join(import.meta.dirname, 'docker-roles.sql'), 'utf8')
  const statements = script
    .replace(/^--.*$/gm, '')
    .split(';')
    .filter((text) => text.trim())
  for (const statement of statements) await query(url('postgres'), statement) // as psql does: a database is made in no transaction
  await expect(query(url('postgres'), 'select 1')).rejects.toMatchObject({ code: '28P01' })
  await migrate(url('products', 'products'))
  await expectLeastPower(url('products', 'products'))
})
