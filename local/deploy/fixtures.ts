// For tests: a database that nothing has been done to.

import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { newClient } from '../machine/pg-client.ts'
import { dropDatabase } from '../rig/databases.ts'

async function query(url: string, text: string) {
  const client = newClient(url)
  await client.connect()
  try {
    return (await client.query<{ name: string }>(text)).rows
  } finally {
    await client.end()
  }
}

/** Its URL, and which migrations it has by now. */
export async function someDatabase() {
  const { DATABASE_URL } = inject('services')
  const name = `empty_${randomUUID().replaceAll('-', '')}`
  await query(DATABASE_URL, `create database ${name}`)
  const url = new URL(`/${name}`, DATABASE_URL).href
  onTestFinished(() => dropDatabase(url))
  const migrated = async () => (await query(url, 'select name from pgmigrations')).map(({ name }) => name)
  return { url, migrated }
}
