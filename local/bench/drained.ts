import { setTimeout } from 'node:timers/promises'
import { newClient } from '../machine/pg-client.ts'
import { POST } from './load.ts'

const LOOK = 20 // ms
const POKE = 2_000 // ms: a publisher leaves after 23 s at most, or when it finds no broker, and the next comes with a request
const PATIENCE = 600_000 // ms

/** A database, and the Worker that publishes its outbox. */
export type Outbox = { databaseUrl: string; url: string }

/** Resolves when nothing waits that can be published. */
export const whenDrained = (outbox: Outbox) => whenNone(outbox, 'select from outbox where target is null limit 1')

/**
 * Resolves when the query, over a connection of its own, finds nothing. As there is no cron, a creation now and then
 * asks for a publisher meanwhile. Throws after ten minutes.
 */
export async function whenNone({ databaseUrl, url }: Outbox, query: string, values: unknown[] = []) {
  const client = newClient(databaseUrl)
  await client.connect()
  try {
    const end = Date.now() + PATIENCE
    for (let poke = Date.now() + POKE; Date.now() < end; await setTimeout(LOOK)) {
      if (!(await client.query(query, values)).rowCount) return
      if (Date.now() < poke) continue
      await create(url)
      poke = Date.now() + POKE
    }
  } finally {
    await client.end()
  }
  throw new Error('The outbox is not emptied')
}

/** One product, and with it whoever publishes. */
export async function create(url: string) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(new URL('products', url), { method: 'POST', headers, body: POST.body ?? '' })
  if (!response.ok) throw new Error(`POST: ${response.status}`)
  await response.arrayBuffer()
}
