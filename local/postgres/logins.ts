// Who may log in to a local Postgres: the role of the application, which is no superuser, as on Neon, and owns its
// tables; two roles for its Workers, which may do less; and a superuser whose password is made with the files of the
// server and kept among them, where only their owner can read.

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Login } from '../machine/pg-client.ts'

/** User, password and database of every local Postgres, embedded or in Docker. */
export const CREDENTIALS = { user: 'products', password: 'products', database: 'products' }

/** As whom Workers log in, with the same password: lib/migrations has what they may do. */
export const WORKER_ROLES = { writer: 'products_writer', reader: 'products_reader' }

/** The URL of a local database for a Worker of this role. */
export function urlFor(role: keyof typeof WORKER_ROLES, ownerUrl: string) {
  const url = new URL(ownerUrl)
  url.username = WORKER_ROLES[role]
  url.password = CREDENTIALS.password
  return url.href
}

export const SUPERUSER = 'postgres'

export const passwordFile = (cluster: string) => join(cluster, 'superuser-password')

export const newPassword = () => randomBytes(24).toString('base64url')

/** Fails where there is one already. */
export const keepPassword = (file: string, password: string) => writeFile(file, password, { mode: 0o600, flag: 'wx' })

export const applicationLogin = (port: number): Login => ({ ...CREDENTIALS, host: '127.0.0.1', port })

/** Undefined for files of a time when `products` was the superuser. */
export async function superuserLogin(cluster: string, port: number): Promise<Login | undefined> {
  const password = await readFile(passwordFile(cluster), 'utf8').catch(() => undefined)
  return password === undefined
    ? undefined
    : { host: '127.0.0.1', port, user: SUPERUSER, password, database: 'postgres' }
}

export const urlOf = ({ user, password, host, port, database }: Login) =>
  `postgresql://${user}:${password}@${host}:${port}/${database}`
