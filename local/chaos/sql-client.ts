// Somebody who changes products by SQL of their own, straight on Postgres: as psql does, Neon's console or another service.

import { setTimeout } from 'node:timers/promises'
import type { Client } from 'pg'
import * as z from 'zod'
import { newClient } from '../machine/pg-client.ts'
import type { Acknowledgement } from './load-report.ts'
import type { Random } from './random.ts'

const PATIENCE = 3_000 // ms to wait for an answer
const RECENT = 20 // products that are changed, the newest
const RETRY = 100 // ms

const Rows = z.array(z.object({ id: z.coerce.number(), version: z.number() }))

/** `report` is told what was committed for sure, and how each attempt ended. */
export async function runSqlClient(
  url: string,
  { name, random, think }: { name: string; random: Random; think: [number, number] },
  report: { committed(changes: Acknowledgement[]): void; ended(how: 'done' | 'failed'): void },
  signal: AbortSignal,
) {
  let client: Client | undefined
  for (let n = 0; !signal.aborted; n++) {
    try {
      client ??= await open(url)
      report.committed(await act(client, `${name}.${n}`, random))
      report.ended('done')
      await setTimeout(random.between(...think))
    } catch {
      report.ended('failed') // whether it was committed nobody knows
      await client?.end().catch(() => {})
      client = undefined
      await setTimeout(RETRY)
    }
  }
  await client?.end().catch(() => {})
}

async function open(url: string) {
  const client = newClient(url, { connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE })
  client.on('error', () => {}) // the next query fails
  await client.connect()
  return client
}

/** One transaction, with one statement or several; some of them are rolled back. */
async function act(client: Client, name: string, random: Random): Promise<Acknowledgement[]> {
  const draw = random.next()
  const [price, quantity] = [(random.between(0, 99_999) / 100).toFixed(2), random.between(0, 1_000)]
  const [chosen] = (
    await client.query(
      `select id from (select id from products order by id desc limit ${RECENT}) as recent order by random() limit 1`,
    )
  ).rows
  const run = async (type: Acknowledgement['type'], text: string, values: unknown[]) =>
    Rows.parse((await client.query(text, values)).rows).map((row) => ({ type, ...row }))
  const insert = (rows: number) =>
    run(
      'product.created',
      `insert into products (name, price, quantity) select $1 || '.' || n, $2, $3 from generate_series(1, $4::int) n
       returning id, version`,
      [name, price, quantity, rows],
    )
  const update = () =>
    run('product.updated', 'update products set price = $1, quantity = $2 where id = $3 returning id, version', [
      price,
      quantity,
      chosen?.id ?? null,
    ])
  const remove = () =>
    run('product.deleted', 'delete from products where id = $1 returning id, version + 1 as version', [
      chosen?.id ?? null,
    ])

  if (draw < 0.2) return insert(random.between(1, 5))
  if (draw < 0.7) return update()
  if (draw < 0.75) return remove()
  await client.query('begin')
  const changes = [...(await insert(2)), ...(await update()), ...(await update())]
  await client.query(draw < 0.9 ? 'commit' : 'rollback')
  return draw < 0.9 ? changes : []
}
