// For tests: folders of servers, which end with their test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { newClient } from '../machine/pg-client.ts'
import { stopOrphan } from './server.ts'

export async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  onTestFinished(async () => {
    await stopOrphan(folder)
    await rm(folder, { recursive: true, maxRetries: 10 }) // an orphaned initdb may still write
  })
  return folder
}

/** The rows of one statement, over a connection of its own. */
export async function query(url: string, sql: string) {
  const client = newClient(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
