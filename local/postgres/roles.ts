// The roles of the application and its database, in a new server or in one of the layout in which that role was the
// superuser.

import pg from 'pg'
import { type Login, newClient } from '../machine/pg-client.ts'
import {
  CREDENTIALS,
  keepPassword,
  newPassword,
  passwordFile,
  SUPERUSER,
  superuserLogin,
  WORKER_ROLES,
} from './logins.ts'

const { user, password, database } = CREDENTIALS
const NEXT = 'products_next' // what the application's role is called until it takes the place of the old one
const STAND_IN = 'products_stand_in' // a session cannot rename its own role

/** The owner, who as on Neon may create databases and is no superuser, and those of the Workers, who may log in. */
export async function createRoles(superuser: Login) {
  await connected(superuser, async (client) => {
    const role = await client.query('select from pg_roles where rolname = $1', [user])
    if (role.rowCount === 0) await client.query(`create role ${user} login createdb password '${password}'`)
    for (const name of Object.values(WORKER_ROLES)) {
      const worker = await client.query('select from pg_roles where rolname = $1', [name])
      if (worker.rowCount === 0) await client.query(`create role ${name}`)
      await client.query(`alter role ${name} login password '${password}'`) // a migration may have made it without
      await client.query(`grant ${name} to ${user}`) // who then may end its connections, to drop a database
    }
    const made = await client.query('select from pg_database where datname = $1', [database])
    if (made.rowCount === 0) await client.query(`create database ${database} owner ${user}`)
  })
}

/**
 * Makes the first superuser of a server, who was `products` and cannot be demoted, another role with another password,
 * and `products` a new role that owns all of its databases and what is in them. Cut off half-way, it is done anew.
 */
export async function demoteRole(superuser: Login, cluster: string) {
  await connected(superuser, async (client) => {
    const next = await client.query('select from pg_roles where rolname = $1', [NEXT])
    if (next.rowCount === 0) await client.query(`create role ${NEXT} login createdb`)
  })
  for (const name of await connected(superuser, listDatabases)) await giveContents(superuser, name)
  await connected(superuser, async (client) => switchRoles(client, await passwordOf(cluster, superuser.port)))
}

async function passwordOf(cluster: string, port: number) {
  const kept = await superuserLogin(cluster, port)
  if (kept) return kept.password
  const made = newPassword()
  await keepPassword(passwordFile(cluster), made)
  return made
}

async function listDatabases(client: pg.Client) {
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where datname <> 'template0'",
  )
  return rows.map(({ name }) => name)
}

/** One database, whether or not it lets anyone in: a template does not. */
async function giveContents(superuser: Login, name: string) {
  const quoted = pg.escapeIdentifier(name)
  const closed = await connected(superuser, (client) =>
    client.query('select from pg_database where datname = $1 and not datallowconn', [name]),
  )
  const allow = (allowed: boolean) =>
    closed.rowCount &&
    connected(superuser, (client) => client.query(`alter database ${quoted} allow_connections ${allowed}`))
  await allow(true)
  await connected({ ...superuser, database: name }, async (client) => {
    const { rows } = await client.query<{ statement: string }>(OWNED)
    for (const { statement } of rows) await client.query(statement)
  })
  await allow(false)
}

/**
 * For all that the first superuser (10) has made here, but what follows its table, schemas of Postgres' own and
 * extensions.
 */
const OWNED = `
  select format('alter %s %s owner to ${NEXT}', type, identity) as statement
  from (
    select 'pg_namespace'::regclass, oid from pg_namespace where nspowner = 10 and nspname !~ '^pg_'
    union all
    select 'pg_class'::regclass, oid from pg_class
    where relowner = 10 and relkind in ('r', 'p', 'f', 'v', 'm', 'S') and relpersistence <> 't' and not (
      relkind = 'S' and exists (select from pg_depend where objid = pg_class.oid and classid = 'pg_class'::regclass and deptype in ('a', 'i')))
    union all
    select 'pg_type'::regclass, oid from pg_type
    where typowner = 10 and (typtype in ('e', 'd', 'r') or typtype = 'c' and exists (select from pg_class where oid = typrelid and relkind = 'c'))
    union all
    select 'pg_proc'::regclass, oid from pg_proc where proowner = 10
    union all
    select 'pg_largeobject'::regclass, oid from pg_largeobject_metadata where lomowner = 10
  ) as owned (class, oid), pg_identify_object(class, oid, 0)
  where oid >= 16384 and not exists (select from pg_depend where classid = class and objid = oid and deptype = 'e')`

/**
 * All or nothing: until then `products` is the superuser still, which is how the next start sees what is left to do.
 */
async function switchRoles(client: pg.Client, superuserPassword: string) {
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where datdba = 10 and datname not in ('template0', 'template1', 'postgres')",
  )
  await client.query(`
    begin;
    create role ${STAND_IN} superuser;
    set session authorization ${STAND_IN};
    ${rows.map(({ name }) => `alter database ${pg.escapeIdentifier(name)} owner to ${NEXT};`).join('\n')}
    alter role ${user} rename to ${SUPERUSER};
    alter role ${SUPERUSER} password ${pg.escapeLiteral(superuserPassword)};
    alter role ${NEXT} rename to ${user};
    alter role ${user} password '${password}';
    reset session authorization;
    drop role ${STAND_IN};
    commit`)
}

async function connected<T>(login: Login, work: (client: pg.Client) => Promise<T>) {
  const client = newClient(login)
  client.on('error', () => {}) // the query that it breaks fails anyway
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
